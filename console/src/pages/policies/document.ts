import type { Schemas } from "../../api/client";

/** Return the rules of a document: a list of rules, or an object that has one; the API looks at what is in them. */
export function readRules(text: string): Schemas["PolicyRule"][] {
  const parsed: unknown = JSON.parse(text);
  const rules: unknown = typeof parsed === "object" && parsed !== null && "rules" in parsed ? parsed.rules : parsed;
  if (!Array.isArray(rules)) throw new SyntaxError("no list of rules");
  return rules as Schemas["PolicyRule"][];
}
