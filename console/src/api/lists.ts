import { answer, api, BACKGROUND } from "./client";
import type { paths } from "./schema";

interface Listed<Row> {
  get: { responses: { 200: { content: { "application/json": { items: Row[] } } } } };
}

/** Every address of the API that answers with a list paged by key. */
export type ListPath = { [Path in keyof paths]: paths[Path] extends Listed<unknown> ? Path : never }[keyof paths];
export type RowOf<Path extends ListPath> = paths[Path] extends Listed<infer Row> ? Row & object : never;
export type QueryOf<Path extends ListPath> = paths[Path] extends { get: { parameters: { query?: infer Query } } }
  ? Omit<Exclude<Query, undefined>, "limit" | "after">
  : Record<string, never>;

export interface PageOf<Row> {
  items: Row[];
  next?: string | null;
}

type Asked = Record<string, unknown>;
const get = api.GET as unknown as (path: string, init: object) => Promise<{ data?: unknown }>;

/** Read one page of a list; filters that are empty are left out. */
export async function readList<Path extends ListPath>(
  path: Path,
  query: Partial<QueryOf<Path>>,
  {
    after,
    limit = 50,
    inPath = {},
  }: { after?: string | undefined; limit?: number; inPath?: Record<string, string> } = {},
): Promise<PageOf<RowOf<Path>>> {
  const wanted = Object.entries(query as Asked).filter(([, value]) => value !== undefined && value !== "");
  const params = { query: { ...Object.fromEntries(wanted), limit, ...(after && { after }) }, path: inPath };
  return (await answer(get(path, { params, headers: BACKGROUND }))) as PageOf<RowOf<Path>>;
}

/** Read a list that is short by its nature to its end: of what can be chosen from. */
export async function readWhole<Path extends ListPath>(
  path: Path,
  query: Partial<QueryOf<Path>> = {},
  inPath: Record<string, string> = {},
): Promise<RowOf<Path>[]> {
  const rows: RowOf<Path>[] = [];
  let after: string | undefined;
  do {
    const page = await readList(path, query, { after, limit: 500, inPath });
    rows.push(...page.items);
    after = page.next ?? undefined;
  } while (after);
  return rows;
}
