import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Flex, Popconfirm, Skeleton, Steps, Typography } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { useRefresh } from "../../live/stream";
import { useDoing } from "../../parts/Doing";
import { Trouble } from "../../parts/Trouble";

type Step = Schemas["StepView"];

const REFRESH_MS = 1_500;
const ENDED = new Set(["succeeded", "failed", "cancelled", "undone"]);

function status(step: Step): "wait" | "process" | "finish" | "error" {
  if (step.state === "done" || step.state === "skipped") return "finish";
  if (step.problem || step.state === "needs_operator" || step.state === "failed") return "error";
  return step.started_at ? "process" : "wait";
}

/** The steps of a piece of work with how long each took, its place in the queue, and what is wrong in plain words. */
export function OperationSteps({ id }: { id: string }) {
  const words = useWords();
  const me = useMe();
  const refresh = useRefresh(REFRESH_MS);
  const params = { path: { operation_id: id } };
  const operation = useQuery({
    queryKey: ["operation", id],
    queryFn: () => answer(api.GET("/v1/operations/{operation_id}", { params, headers: BACKGROUND })),
    refetchInterval: (query) => (ENDED.has(query.state.data?.state ?? "") ? false : refresh),
  });
  const retry = useDoing(() => answer(api.POST("/v1/operations/{operation_id}/retry", { params })));
  const cancel = useDoing(() => answer(api.POST("/v1/operations/{operation_id}/cancel", { params })));
  if (operation.isPending) return <Skeleton active />;
  if (!operation.data) return <Trouble error={operation.error} again={() => void operation.refetch()} />;
  const { data } = operation;
  return (
    <Flex vertical gap="small">
      {data.problem ? <Alert type="error" showIcon title={data.problem.text} description={data.problem.words} /> : null}
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
      <Flex gap="small">
        {me.may("operation.operate") && data.state === "needs_operator" ? (
          <Button onClick={() => retry.mutate(undefined)}>{words("operation.retry")}</Button>
        ) : null}
        {me.may("operation.cancel") && !ENDED.has(data.state) && !data.cancel_requested ? (
          <Popconfirm title={words("operation.cancel.sure")} onConfirm={() => cancel.mutate(undefined)}>
            <Button>{words("operation.cancel")}</Button>
          </Popconfirm>
        ) : null}
      </Flex>
    </Flex>
  );
}

function StepDetail({ step }: { step: Step }) {
  const words = useWords();
  if (step.problem)
    return (
      <Typography.Text type="danger">
        {step.problem.text} {step.problem.words}
      </Typography.Text>
    );
  if (step.queue_place !== null) return words("operation.queued", { place: step.queue_place, lane: step.lane ?? "" });
  return step.progress;
}
