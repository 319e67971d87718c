import { describe, expect, it } from "vitest";

import { moneyOf, scaled } from "../pages/servers/money";

describe("money", () => {
  it.each([
    ["12.3450", "12.35"],
    ["0", "0.00"],
    ["0.1", "0.10"],
    ["99999.9949", "99,999.99"],
  ])("%s is written %s", (amount, written) => {
    expect(moneyOf(scaled(amount))).toBe(written);
  });

  it("adds up exactly", () => {
    expect(moneyOf(scaled("0.1") + scaled("0.2"))).toBe("0.30");
  });
});
