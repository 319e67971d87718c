import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { answer, api, keepCsrfToken, type Schemas } from "./client";
import { isSignedOut } from "./problem";

export type Self = Schemas["SelfView"];

export interface Me extends Self {
  /** Whether he may do something anywhere, such as `server.operate`. */
  may(action: string): boolean;
}

export const SELF = ["self"] as const;

/** Return who is signed in; null where nobody is. */
async function whoIsHere(): Promise<Self | null> {
  try {
    const session = await answer(api.GET("/v1/web-sessions/current"));
    keepCsrfToken(session.csrf_token);
    return await answer(api.GET("/v1/self"));
  } catch (error) {
    if (isSignedOut(error)) return null;
    throw error;
  }
}

export function useSelf() {
  return useQuery({ queryKey: SELF, queryFn: whoIsHere, staleTime: Infinity });
}

/** Return the person who is signed in, for pages that nobody else sees. */
export function useMe(): Me {
  const self = useSelf().data;
  if (!self) throw new Error("nobody is signed in");
  return { ...self, may: (action) => self.grants.some((grant) => grant.actions.includes(action)) };
}

export function useSignIn() {
  const queries = useQueryClient();
  return useCallback(
    async (login: string, password: string) => {
      const session = await answer(api.POST("/v1/web-sessions", { body: { login, password } }));
      keepCsrfToken(session.csrf_token);
      queries.setQueryData(SELF, await answer(api.GET("/v1/self")));
    },
    [queries],
  );
}

export function useSignOut() {
  const queries = useQueryClient();
  return useCallback(async () => {
    await answer(api.DELETE("/v1/sessions/current"));
    forget(queries);
  }, [queries]);
}

/** Nobody is signed in any more: what he saw is not for whoever comes next. */
export function forget(queries: QueryClient): void {
  queries.setQueryData(SELF, null);
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== SELF[0] });
}
