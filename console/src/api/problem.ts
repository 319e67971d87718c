import type { components } from "./schema";

export type ProblemDocument = components["schemas"]["ProblemDocument"];

/** What the API says is wrong: a stable code, words for people, the field, and what to do. */
export class Problem extends Error {
  constructor(readonly document: ProblemDocument) {
    super(document.detail);
  }

  get code(): string {
    return this.document.code;
  }

  get status(): number {
    return this.document.status;
  }
}

/** Nobody answered: the network is down, or every API node is. */
export class Unreachable extends Error {}

/** Return the problem of an answer that may come from a balancer in between, and then is no document of ours. */
export function problemOf(body: unknown, status: number): Error {
  if (typeof body === "object" && body !== null && "code" in body) return new Problem(body as ProblemDocument);
  return status >= 500 ? new Unreachable(`status ${status}`) : new Error(`status ${status}`);
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof Problem && error.status === 401;
}
