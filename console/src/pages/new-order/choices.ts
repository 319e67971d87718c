import { useQuery } from "@tanstack/react-query";

import { readWhole } from "../../api/lists";
import { memory } from "../../parts/Size";

export interface Option {
  value: string;
  label: string;
}

async function read() {
  const [projects, flavors, images, networks, tiers, keypairs, groups, regions, together] = await Promise.all([
    readWhole("/v1/projects"),
    readWhole("/v1/flavors"),
    readWhole("/v1/images"),
    readWhole("/v1/networks"),
    readWhole("/v1/storage-tiers"),
    readWhole("/v1/keypairs"),
    readWhole("/v1/security-groups"),
    readWhole("/v1/regions"),
    readWhole("/v1/server-groups"),
  ]);
  return { projects, flavors, images, networks, tiers, keypairs, groups, regions, together };
}

/** What one can choose from, of what one may see. */
export function useChoices() {
  return useQuery({ queryKey: ["catalogue"], queryFn: read });
}

export type Choices = Awaited<ReturnType<typeof read>>;

/** Return the choices of each field, of the application system that is ordered for. */
export function optionsOf(choices: Choices, project: string | undefined) {
  const named = (each: { code: string; name: string }): Option => ({ value: each.code, label: each.name });
  const own = (each: { project: string | null }) => each.project === null || each.project === project;
  const networks = choices.networks.filter((network) => own(network) && network.state === "ready");
  const reached = (each: (typeof networks)[number]): Option => ({
    value: each.code,
    label: `${each.name} (${each.region}, ${each.subnets.map((subnet) => subnet.cidr).join(", ")})`,
  });
  return {
    projects: choices.projects.map((each) => ({ value: each.code, label: `${each.name} (${each.code})` })),
    flavors: choices.flavors
      .filter((each) => each.active)
      .map((each) => ({
        value: each.code,
        label: `${each.name}: ${each.vcpus} vCPU, ${memory(each.memory_mib)}, ${each.disk_gib} GiB`,
      })),
    images: choices.images.map(named),
    networks: networks.filter((each) => each.kind !== "external").map(reached),
    external: networks.filter((each) => each.kind === "external").map(reached),
    tiers: choices.tiers.map(named),
    keypairs: choices.keypairs.map((each) => ({ value: each.name, label: each.name })),
    groups: choices.groups.filter(own).map((each) => ({ value: each.code, label: each.name })),
    together: choices.together
      .filter((each) => each.project === project)
      .map((each) => ({ value: each.name, label: each.name })),
    regions: choices.regions.map(named),
    zones: [...new Set(choices.regions.flatMap((region) => region.zones))].map((zone) => ({
      value: zone,
      label: zone,
    })),
  };
}

export type Options = ReturnType<typeof optionsOf>;
