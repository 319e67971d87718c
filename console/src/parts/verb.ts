import type { ButtonProps } from "antd";

import type { Word } from "../language/setup";
import type { Given } from "./given";

/** One thing that a verb needs to be told. */
export interface Field {
  name: string;
  word: Word;
  kind?: "text" | "area" | "number" | "choice" | "choices" | "date" | "moment" | "switch" | "secret";
  options?: readonly { value: string; label: string }[];
  hint?: Word;
  optional?: boolean;
  initial?: string | number | boolean | string[] | null;
  most?: number;
}

/** Something that can be done, and what it takes. */
export interface Verb<Answer> {
  /** What the button says, which is what the dialogue is about as well. */
  word: Word;
  work: (given: Given) => Promise<Answer>;
  fields?: readonly Field[];
  /** What follows from it, to be read before. */
  sure?: string | undefined;
  done?: Word;
  then?: ((answered: Answer) => void) | undefined;
  button?: ButtonProps;
}
