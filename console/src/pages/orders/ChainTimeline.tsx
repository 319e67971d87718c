import { useQuery } from "@tanstack/react-query";
import { Flex, Skeleton, Tag, Timeline, Typography } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { readWhole } from "../../api/lists";
import { useMe } from "../../api/session";
import { useNames, useWords } from "../../language/setup";
import { useRefresh } from "../../live/stream";
import { Ask } from "../../parts/Ask";
import { Moment } from "../../parts/Moment";
import { StateTag } from "../../parts/StateTag";
import { Trouble } from "../../parts/Trouble";

type Chain = Schemas["ChainView"];
type Assignment = Schemas["AssignmentView"];

const REFRESH_MS = 3_000;
const COLOURS: Record<string, string> = { approved: "green", pending: "blue", rejected: "red" };

/** Who was asked, why, and what he said; who comes next. */
export function ChainTimeline({ id, live }: { id: string; live: boolean }) {
  const words = useWords();
  const refresh = useRefresh(REFRESH_MS);
  const chain = useQuery({
    queryKey: ["chain", id],
    queryFn: () =>
      answer(api.GET("/v1/chains/{chain_id}", { params: { path: { chain_id: id } }, headers: BACKGROUND })),
    refetchInterval: live ? refresh : false,
  });
  if (chain.isPending) return <Skeleton active />;
  if (!chain.data) return <Trouble error={chain.error} again={() => void chain.refetch()} />;
  const { data } = chain;
  return (
    <Flex vertical gap="small">
      <Typography.Text type="secondary">
        {words("chain.rule", { rule: data.rule, number: data.policy_number })}
      </Typography.Text>
      <Timeline
        items={data.stages.map((stage) => ({
          color: COLOURS[stage.state] ?? "gray",
          content: <Stage chain={data} stage={stage} />,
        }))}
      />
      <Said decisions={data.decisions} />
      {live ? <Comment id={id} /> : null}
    </Flex>
  );
}

function Stage({ chain, stage }: { chain: Chain; stage: Schemas["StageView"] }) {
  const words = useWords();
  return (
    <Flex vertical gap={4}>
      <Flex gap="small" align="center" wrap>
        <strong>{words("chain.stage", { number: stage.position })}</strong>
        <StateTag state={stage.state} />
        {stage.assignments.length > 1 ? (
          <Tag>{words("chain.needed", { needed: stage.needed, of: stage.assignments.length })}</Tag>
        ) : null}
        {stage.due_at ? (
          <span>
            {words("todo.due")} <Moment at={stage.due_at} />
          </span>
        ) : null}
      </Flex>
      {stage.assignments.map((assignment) => (
        <AssignmentLine key={assignment.id} chain={chain} assignment={assignment} />
      ))}
    </Flex>
  );
}

function AssignmentLine({ chain, assignment }: { chain: Chain; assignment: Assignment }) {
  const named = useNames();
  const words = useWords();
  const me = useMe();
  const decision = chain.decisions.findLast((each) => each.assignment_id === assignment.id);
  const mayReplace = chain.state === "pending" && assignment.state === "pending" && chain.applicant_id === me.id;
  return (
    <Flex gap="small" wrap align="center">
      <span>{assignment.person_name ?? named("role", assignment.role ?? "")}</span>
      {assignment.delegate_name ? <Tag>{words("chain.asks", { name: assignment.delegate_name })}</Tag> : null}
      <Typography.Text type="secondary">{assignment.reason}</Typography.Text>
      {assignment.state === "pending" ? null : <StateTag state={assignment.state} />}
      {decision ? <Moment at={decision.at} /> : null}
      {mayReplace ? <Replace assignment={assignment} /> : null}
    </Flex>
  );
}

/** The applicant may have another eligible person asked instead of one who has not decided. */
function Replace({ assignment }: { assignment: Assignment }) {
  const words = useWords();
  const inPath = { assignment_id: assignment.id };
  const eligible = useQuery({
    queryKey: ["eligible", assignment.id],
    queryFn: () => readWhole("/v1/assignments/{assignment_id}/eligible", {}, inPath),
  });
  const options = (eligible.data ?? []).map((each) => ({
    value: each.login,
    label: `${each.name} (${each.department})`,
  }));
  if (options.length === 0) return null;
  return (
    <Ask
      word="chain.replace"
      button={{ size: "small" }}
      sure={words("chain.replace.sure")}
      fields={[
        { name: "to", word: "todo.to", kind: "choice", options },
        { name: "comment", word: "reason" },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/assignments/{assignment_id}/replace", {
            params: { path: inPath },
            body: { to: given.text("to"), comment: given.text("comment") },
          }),
        )
      }
    />
  );
}

/** Everything that was said and done about it, in order. */
function Said({ decisions }: { decisions: Schemas["DecisionView"][] }) {
  const named = useNames();
  if (decisions.length === 0) return null;
  return (
    <Flex vertical gap={4} className="said">
      {decisions.map((decision) => (
        <Flex key={decision.number} gap="small" wrap>
          <Moment at={decision.at} />
          <strong>{decision.person_name ?? "–"}</strong>
          <span>{named("verb", decision.verb)}</span>
          {decision.to_name ? <span>→ {decision.to_name}</span> : null}
          <Typography.Text>{decision.comment}</Typography.Text>
        </Flex>
      ))}
    </Flex>
  );
}

function Comment({ id }: { id: string }) {
  return (
    <div>
      <Ask
        word="chain.comment"
        button={{ size: "small" }}
        fields={[{ name: "comment", word: "comment", kind: "area" }]}
        work={(given) =>
          answer(
            api.POST("/v1/chains/{chain_id}/comments", {
              params: { path: { chain_id: id } },
              body: { comment: given.text("comment") },
            }),
          )
        }
      />
    </div>
  );
}
