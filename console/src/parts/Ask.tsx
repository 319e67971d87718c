import { Button } from "antd";
import { lazy, Suspense, useState } from "react";

import { useWords } from "../language/setup";
import type { Verb } from "./verb";

// The first page shows verbs; what asks for their fields is fetched when the first one is pressed.
const Dialogue = lazy(() => import("./Dialogue"));

/** A verb: its button, and the dialogue that asks what it needs and says what is wrong with it. */
export function Ask<Answer>({ word, work, fields = [], sure, done = "done", then, button = {} }: Verb<Answer>) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>
        {words(word)}
      </Button>
      {open ? (
        <Suspense>
          <Dialogue
            {...{ word, fields, done, sure }}
            work={work}
            then={then as ((answered: unknown) => void) | undefined}
            danger={button.danger ?? false}
            close={() => setOpen(false)}
          />
        </Suspense>
      ) : null}
    </>
  );
}
