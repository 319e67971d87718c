import { useNames } from "../../language/setup";
import { memory } from "../../parts/Size";

const STORAGE = "storage_gib:";

/** What is limited, in words: storage is limited tier by tier. */
export function useResources() {
  const named = useNames();
  return {
    name: (resource: string): string =>
      resource.startsWith(STORAGE)
        ? `${named("resource", "storage_gib")} (${resource.slice(STORAGE.length)})`
        : named("resource", resource),
    amount: (resource: string, amount: number): string => {
      if (resource === "memory_mib") return memory(amount);
      return resource.startsWith(STORAGE) || resource === "disk_gib" ? `${amount} GiB` : String(amount);
    },
  };
}
