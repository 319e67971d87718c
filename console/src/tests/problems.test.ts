import { describe, expect, it } from "vitest";

import { isSignedOut, Problem, problemOf, Unreachable } from "../api/problem";
import { wayBack } from "../pages/sign-in/wayBack";

const document = { type: "", title: "", status: 401, code: "not-signed-in", detail: "Sign in", hint: "", field: null };

describe("problems", () => {
  it("are what the API says", () => {
    const problem = problemOf(document, 401);
    expect(problem).toBeInstanceOf(Problem);
    expect(isSignedOut(problem)).toBe(true);
  });

  it.each([502, 503, 504])("a balancer's %d is nobody's answer", (status) => {
    expect(problemOf(null, status)).toBeInstanceOf(Unreachable);
  });
});

describe("the way back after signing in", () => {
  it("is where one wanted to go", () => {
    expect(wayBack({ next: "/orders?state=failed" })).toBe("/orders?state=failed");
  });

  it.each([
    null,
    {},
    { next: 1 },
    { next: "//evil.example" },
    { next: "/\\evil.example" },
    { next: "https://evil.example" },
  ])("is this site's whatever is asked: %j", (state) => {
    expect(wayBack(state)).toBe("/");
  });
});
