import createClient, { type Middleware } from "openapi-fetch";

import { language } from "../language/setup";
import { problemOf, Unreachable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

const CHANGING = new Set(["POST", "PUT", "PATCH", "DELETE"]);
let csrfToken = "";

/** Remember the proof that requests come from our own page; it lives in this page's memory alone. */
export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

const manners: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", language());
    if (CHANGING.has(request.method)) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return response;
    const body: unknown = await response.json().catch(() => null);
    throw problemOf(body, response.status);
  },
  onError({ error }) {
    return error instanceof TypeError ? new Unreachable(error.message) : undefined;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(manners);

/** Unwrap an answer: whatever was wrong has been thrown by then. */
export async function answer<T>(asked: Promise<{ data?: T }>): Promise<T> {
  const { data } = await asked;
  return data as T;
}

/** Headers of a look that the page takes by itself: it keeps nobody's session alive. */
export const BACKGROUND = { "X-Jinyun-Background": "true" } as const;
