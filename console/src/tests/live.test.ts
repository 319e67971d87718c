import { describe, expect, it } from "vitest";

import { hintsOf, staleAfter } from "../live/kinds";

describe("hints of what changed", () => {
  it("lead to what shows it", () => {
    const stale = staleAfter(hintsOf('[{"kind": "server", "id": "s", "version": "1"}]'));
    expect(stale.has("servers")).toBe(true);
    expect(stale.has("audit")).toBe(false);
  });

  it("of a kind that is not known lead nowhere", () => {
    expect(staleAfter([{ kind: "constructor-of-worlds", id: "", version: "" }]).size).toBe(0);
  });
});
