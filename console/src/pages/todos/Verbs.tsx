import { Button, Dropdown, Flex } from "antd";
import { lazy, Suspense, useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { readWhole } from "../../api/lists";
import { useWords, type Word } from "../../language/setup";
import { useQuery } from "@tanstack/react-query";
import type { Field } from "../../parts/verb";
import type { Given } from "../../parts/given";

const Dialogue = lazy(() => import("../../parts/Dialogue"));

type Todo = Schemas["TodoView"];
type Verb = "approve" | "reject" | "return" | "transfer" | "delegate" | "signers" | "answer";

const COMMENT: Field = { name: "comment", word: "todo.comment", kind: "area", optional: true };
const REASON: Field = { name: "comment", word: "todo.reason", kind: "area" };

/** Yes and no first; then what else one may do with it. What is sent binds to what was shown. */
export function Verbs({ todo }: { todo: Todo }) {
  const words = useWords();
  const [asked, ask] = useState<Verb | null>(null);
  const more: Verb[] = ["return", "transfer", "delegate", "signers"];
  return (
    <Flex justify="end" gap="small" wrap style={{ paddingInline: 16 }}>
      {todo.only_word ? (
        <Button type="primary" onClick={() => ask("answer")}>
          {words("todo.answer")}
        </Button>
      ) : (
        <>
          <Dropdown
            trigger={["click"]}
            menu={{
              items: more.map((verb) => ({ key: verb, label: words(`todo.${verb}`), onClick: () => ask(verb) })),
            }}
          >
            <Button>{words("todo.more")}</Button>
          </Dropdown>
          <Button danger onClick={() => ask("reject")}>
            {words("todo.reject")}
          </Button>
          <Button type="primary" onClick={() => ask("approve")}>
            {words("todo.approve")}
          </Button>
        </>
      )}
      {asked ? (
        <Suspense>
          <Decision todo={todo} verb={asked} close={() => ask(null)} />
        </Suspense>
      ) : null}
    </Flex>
  );
}

function Decision({ todo, verb, close }: { todo: Todo; verb: Verb; close: () => void }) {
  const words = useWords();
  const hands = verb === "transfer" || verb === "delegate" || verb === "signers";
  const eligible = useQuery({
    queryKey: ["eligible", todo.assignment_id],
    enabled: hands,
    queryFn: () => readWhole("/v1/assignments/{assignment_id}/eligible", {}, { assignment_id: todo.assignment_id }),
  });
  const options = (eligible.data ?? []).map((each) => ({
    value: each.login,
    label: `${each.name} (${each.department})`,
  }));
  const fields: Record<Verb, Field[]> = {
    approve: [COMMENT],
    reject: [REASON],
    answer: [{ ...REASON, word: "comment" }],
    return: [...stagesBefore(todo, words("todo.applicant"), (number) => words("chain.stage", { number })), REASON],
    transfer: [{ name: "to", word: "todo.to", kind: "choice", options }, REASON],
    delegate: [{ name: "to", word: "todo.to", kind: "choice", options }, REASON],
    signers: [{ name: "logins", word: "todo.to", kind: "choices", options }, REASON],
  };
  return (
    <Dialogue
      word={`todo.${verb}` as Word}
      sure={`${words(`todo.sure.${verb}`)} ${todo.title}`}
      done={`todo.done.${verb}` as Word}
      danger={verb === "reject"}
      fields={fields[verb]}
      work={(given) => decide(todo, verb, given)}
      close={close}
    />
  );
}

/** To whom it can be returned: an earlier stage, where there is one, or the applicant. */
function stagesBefore(todo: Todo, applicant: string, say: (number: number) => string): Field[] {
  if (todo.stage <= 1) return [];
  const earlier = Array.from({ length: todo.stage - 1 }, (_, index) => index + 1);
  return [
    {
      name: "stage",
      word: "todo.to",
      kind: "choice",
      options: [
        { value: "applicant", label: applicant },
        ...earlier.map((number) => ({ value: String(number), label: say(number) })),
      ],
      initial: "applicant",
    },
  ];
}

function decide(todo: Todo, verb: Verb, given: Given) {
  const { digest } = todo;
  const comment = given.text("comment");
  const params = { path: { assignment_id: todo.assignment_id } };
  switch (verb) {
    case "approve":
      return answer(api.POST("/v1/assignments/{assignment_id}/approve", { params, body: { digest, comment } }));
    case "reject":
      return answer(api.POST("/v1/assignments/{assignment_id}/reject", { params, body: { digest, comment } }));
    case "return": {
      const stage = Number(given.text("stage")) || null;
      return answer(api.POST("/v1/assignments/{assignment_id}/return", { params, body: { digest, comment, stage } }));
    }
    case "answer":
      return answer(api.POST("/v1/assignments/{assignment_id}/answer", { params, body: { comment } }));
    case "transfer": {
      const body = { to: given.text("to"), comment };
      return answer(api.POST("/v1/assignments/{assignment_id}/transfer", { params, body }));
    }
    case "delegate": {
      const body = { to: given.text("to"), comment };
      return answer(api.POST("/v1/assignments/{assignment_id}/delegate", { params, body }));
    }
    case "signers": {
      const body = { logins: given.list("logins"), comment };
      return answer(api.POST("/v1/assignments/{assignment_id}/signers", { params, body }));
    }
  }
}
