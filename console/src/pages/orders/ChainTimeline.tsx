import { useQuery } from "@tanstack/react-query";
import { Flex, Skeleton, Tag, Timeline, Typography } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { useNames, useWords } from "../../language/setup";
import { useRefresh } from "../../live/stream";
import { Moment } from "../../parts/Moment";
import { StateTag } from "../../parts/StateTag";
import { Trouble } from "../../parts/Trouble";

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
  const said = new Map(chain.data.decisions.map((decision) => [decision.assignment_id, decision]));
  return (
    <Flex vertical gap="small">
      <Typography.Text type="secondary">
        {words("chain.rule", { rule: chain.data.rule, number: chain.data.policy_number })}
      </Typography.Text>
      <Timeline
        items={chain.data.stages.map((stage) => ({
          color: COLOURS[stage.state] ?? "gray",
          content: <Stage stage={stage} said={said} />,
        }))}
      />
    </Flex>
  );
}

interface StageProps {
  stage: Schemas["StageView"];
  said: Map<string | null, Schemas["DecisionView"]>;
}

function Stage({ stage, said }: StageProps) {
  const words = useWords();
  const named = useNames();
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
      {stage.assignments.map((assignment) => {
        const decision = said.get(assignment.id);
        return (
          <div key={assignment.id}>
            {assignment.person_name ?? named("kind", assignment.role ?? "")}{" "}
            <Typography.Text type="secondary">{assignment.reason}</Typography.Text>{" "}
            {decision ? (
              <>
                <StateTag state={assignment.state} /> {decision.comment} <Moment at={decision.at} />
              </>
            ) : null}
          </div>
        );
      })}
    </Flex>
  );
}
