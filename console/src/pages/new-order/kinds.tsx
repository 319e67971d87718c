import {
  ApartmentOutlined,
  CloudServerOutlined,
  DatabaseOutlined,
  GatewayOutlined,
  GlobalOutlined,
  SafetyOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

import type { Schemas } from "../../api/client";
import type { Word } from "../../language/setup";

export type Item = Schemas["NewOrder"]["items"][number];
export type Kind = "server" | "volume" | "network" | "router" | "floating-address" | "security-group";

/** One item as the form holds it: fields that were left empty are missing. */
export interface Draft {
  kind: Kind;
  [field: string]: unknown;
}

export interface Wish {
  project?: string;
  purpose?: string;
  until?: string;
  items?: (Draft | undefined)[];
}

interface Offer {
  kind: Kind;
  icon: ReactNode;
  about: Word;
  /** Fields without which there is nothing to ask the server about. */
  needs: readonly string[];
  begins: Record<string, unknown>;
}

const BIG = { fontSize: 28 };

export const OFFERS: readonly Offer[] = [
  {
    kind: "server",
    icon: <CloudServerOutlined style={BIG} />,
    about: "offer.server",
    needs: ["hostname", "flavor", "image", "network"],
    begins: { volumes: [], security_group: "default-ssh", tags: [], without_tags: [], licences: [] },
  },
  {
    kind: "volume",
    icon: <DatabaseOutlined style={BIG} />,
    about: "offer.volume",
    needs: ["name", "region", "tier", "size_gib"],
    begins: { size_gib: 10 },
  },
  {
    kind: "network",
    icon: <ApartmentOutlined style={BIG} />,
    about: "offer.network",
    needs: ["code", "region", "prefix_length"],
    begins: { prefix_length: 27 },
  },
  {
    kind: "router",
    icon: <GatewayOutlined style={BIG} />,
    about: "offer.router",
    needs: ["code", "networks"],
    begins: {},
  },
  {
    kind: "floating-address",
    icon: <GlobalOutlined style={BIG} />,
    about: "offer.floating",
    needs: ["network"],
    begins: {},
  },
  {
    kind: "security-group",
    icon: <SafetyOutlined style={BIG} />,
    about: "offer.group",
    needs: ["code", "rules"],
    begins: {
      rules: [{ direction: "ingress", protocol: "tcp", port_min: 443, port_max: 443, remote_cidr: "10.0.0.0/8" }],
    },
  },
];

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== "";
const isWhole = (value: unknown): boolean =>
  isGiven(value) && (!Array.isArray(value) || value.every((each) => isGiven(each)));

/** Tell whether there is enough of an order to ask what would come of it. */
export function isComplete(wish: Wish | undefined): boolean {
  const items = wish?.items ?? [];
  return (
    Boolean(wish?.project && wish.purpose) &&
    items.length > 0 &&
    items.every((item) => {
      const offer = OFFERS.find((each) => each.kind === item?.kind);
      return offer?.needs.every((field) => isWhole(item?.[field])) && areWhole(item?.volumes);
    })
  );
}

function areWhole(volumes: unknown): boolean {
  if (!Array.isArray(volumes)) return true;
  return volumes.every((each: { tier?: string; size_gib?: number } | undefined) => each?.tier && each.size_gib);
}

/** Return an order as the API takes it: what was left empty is left out. */
export function orderOf(wish: Wish): Schemas["NewOrder"] {
  const items = (wish.items ?? []).map((item) =>
    Object.fromEntries(Object.entries(item ?? {}).filter(([, value]) => isGiven(value))),
  );
  return {
    project: wish.project ?? "",
    purpose: wish.purpose ?? "",
    until: wish.until || null,
    items: items as unknown as Item[],
  };
}

/** Return where in the form a problem's field is: `items.0.hostname`. */
export function placeOf(field: string | null | undefined): (string | number)[] | null {
  return field ? field.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part)) : null;
}
