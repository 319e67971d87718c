const WORK = ["operation", "operations", "order", "orders", "server", "servers", "volumes", "newest", "stuck"];
const ORDERING = ["order", "orders", "chain", "todos", "newest", "quotas"];
const NETWORKS = ["networks", "routers", "floating", "groups"];

/** Which lists and pages show something of a kind of thing: the first words of their query keys. */
const SHOWN_IN: Record<string, readonly string[]> = {
  "floating-address": NETWORKS,
  network: NETWORKS,
  notice: ["notices", "todos", "chain"],
  operation: [...WORK, "snapshots", "orphans", "lanes", ...NETWORKS],
  order: ORDERING,
  pool: ["pools", "capacity"],
  project: ["projects"],
  quota: ["quotas"],
  region: ["regions", "capacity", "hosts"],
  router: NETWORKS,
  "security-group": NETWORKS,
  server: ["server", "servers", "newest", "capacity"],
  snapshot: ["snapshots"],
  volume: ["volumes", "server"],
};

export interface Hint {
  kind: string;
  id: string;
  version: string;
}

/** Return the first words of the query keys that are to be read again. */
export function staleAfter(hints: readonly Hint[]): Set<string> {
  return new Set(hints.flatMap((hint) => SHOWN_IN[hint.kind] ?? []));
}

export function hintsOf(data: unknown): Hint[] {
  const parsed: unknown = typeof data === "string" ? JSON.parse(data) : [];
  return Array.isArray(parsed) ? (parsed as Hint[]) : [];
}
