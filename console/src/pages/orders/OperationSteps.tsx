import { Alert, Flex, Skeleton, Steps, Tag, Typography } from "antd";
import { useQuery } from "@tanstack/react-query";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { useRefresh } from "../../live/stream";
import { Ask } from "../../parts/Ask";
import { Moment } from "../../parts/Moment";
import { Trouble } from "../../parts/Trouble";

type Step = Schemas["StepView"];
type Operation = Schemas["OperationDetail"];

const REFRESH_MS = 1_500;
const ENDED = new Set(["succeeded", "failed", "cancelled", "undone"]);

function status(step: Step): "wait" | "process" | "finish" | "error" {
  if (step.state === "done" || step.state === "skipped") return "finish";
  if (step.problem || step.state === "needs_operator" || step.state === "failed") return "error";
  return step.started_at ? "process" : "wait";
}

/** The steps of a piece of work with how long each took, its place in the queue, and what is wrong in plain words. */
export function OperationSteps({ id }: { id: string }) {
  const refresh = useRefresh(REFRESH_MS);
  const words = useWords();
  const params = { path: { operation_id: id } };
  const operation = useQuery({
    queryKey: ["operation", id],
    queryFn: () => answer(api.GET("/v1/operations/{operation_id}", { params, headers: BACKGROUND })),
    refetchInterval: (query) => (ENDED.has(query.state.data?.state ?? "") ? false : refresh),
  });
  if (operation.isPending) return <Skeleton active />;
  if (!operation.data) return <Trouble error={operation.error} again={() => void operation.refetch()} />;
  const { data } = operation;
  return (
    <Flex vertical gap="small">
      {data.problem ? <Alert type="error" showIcon title={data.problem.text} description={data.problem.words} /> : null}
      {data.cancel_requested && !ENDED.has(data.state) ? (
        <Alert type="warning" showIcon title={words("operation.cancelling")} />
      ) : null}
      <Steps
        orientation="vertical"
        size="small"
        items={data.steps.map((step) => ({
          title: step.title,
          subTitle: step.seconds === null ? undefined : words("seconds", { seconds: step.seconds.toFixed(1) }),
          status: status(step),
          content: <StepDetail step={step} />,
        }))}
      />
      <Verbs operation={data} />
    </Flex>
  );
}

function StepDetail({ step }: { step: Step }) {
  const words = useWords();
  if (step.problem)
    return (
      <Typography.Text type="danger">
        {step.problem.text} {step.problem.words}{" "}
        {step.attempts > 1 ? <Tag>{words("operation.attempts", { number: step.attempts })}</Tag> : null}
      </Typography.Text>
    );
  if (step.queue_place !== null)
    return (
      <>
        {words("operation.queued", { place: step.queue_place, lane: step.lane ?? "" })}{" "}
        {step.expected_start ? <Moment at={step.expected_start} /> : null}
      </>
    );
  return step.progress;
}

/** What can be done about it: cancel while it runs; where it is stuck an operator decides. */
function Verbs({ operation }: { operation: Operation }) {
  const words = useWords();
  const me = useMe();
  const params = { path: { operation_id: operation.id } };
  const because = [{ name: "reason", word: "reason" as const }];
  const stuck = me.may("operation.operate") && operation.state === "needs_operator";
  return (
    <Flex gap="small" wrap>
      {stuck ? (
        <>
          <Ask
            word="operation.retry"
            button={{ type: "primary" }}
            sure={words("operation.retry.sure")}
            work={() => answer(api.POST("/v1/operations/{operation_id}/retry", { params }))}
          />
          <Ask
            word="operation.skip"
            sure={words("operation.skip.sure")}
            fields={because}
            work={(given) =>
              answer(api.POST("/v1/operations/{operation_id}/skip", { params, body: { reason: given.text("reason") } }))
            }
          />
          <Ask
            word="operation.undo"
            button={{ danger: true }}
            sure={words("operation.undo.sure")}
            fields={because}
            work={(given) =>
              answer(api.POST("/v1/operations/{operation_id}/undo", { params, body: { reason: given.text("reason") } }))
            }
          />
        </>
      ) : null}
      {me.may("operation.cancel") && !ENDED.has(operation.state) && !operation.cancel_requested ? (
        <Ask
          word="operation.cancel"
          sure={words("operation.cancel.sure")}
          work={() => answer(api.POST("/v1/operations/{operation_id}/cancel", { params }))}
        />
      ) : null}
    </Flex>
  );
}
