import { describe, expect, it } from "vitest";

import { words as en } from "../language/en";
import { words as zh } from "../language/zh";

const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort();

describe("words", () => {
  it.each(Object.keys(en) as (keyof typeof en)[])("%s says the same in both languages", (word) => {
    expect(zh[word]).not.toBe("");
    expect(blanks(zh[word])).toEqual(blanks(en[word]));
  });
});
