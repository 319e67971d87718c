/** Where to go afterwards: a path of this site, whatever the address says. */
export function wayBack(state: unknown): string {
  const next = typeof state === "object" && state !== null && "next" in state ? state.next : "/";
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}
