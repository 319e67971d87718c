import type { Schemas } from "../api/client";

type Kind = Schemas["HitsView"]["kind"];

/** Where something that was found is shown: on its page, or in the list of its kind. */
export function pageOf(kind: Kind, hit: Schemas["HitView"]): string {
  const name = encodeURIComponent(hit.name);
  const pages: Record<Kind, string> = {
    server: `/servers/${hit.id}`,
    order: `/orders/${hit.id}`,
    volume: `/volumes?name=${name}`,
    project: `/projects/${name}`,
    network: `/networks/${name}`,
    router: "/networks?tab=routers",
    "floating-address": "/networks?tab=floating",
    person: `/people?name=${name}`,
    observed: `/observed?name=${name}`,
  };
  return pages[kind];
}

/** Where all of a kind are that begin like what was typed. */
export function listOf(kind: Kind, typed: string): string {
  const text = encodeURIComponent(typed);
  const lists: Record<Kind, string> = {
    server: `/servers?hostname=${text}`,
    order: "/orders",
    volume: "/volumes",
    project: `/projects?name=${text}`,
    network: "/networks",
    router: "/networks?tab=routers",
    "floating-address": "/networks?tab=floating",
    person: `/people?name=${text}`,
    observed: `/observed?name=${text}`,
  };
  return lists[kind];
}
