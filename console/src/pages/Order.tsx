import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Card, Descriptions, Flex, Popconfirm, Skeleton } from "antd";
import { useParams } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { useRefresh } from "../live/stream";
import { useDoing } from "../parts/Doing";
import { FactSheet } from "../parts/Facts";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { StateTag } from "../parts/StateTag";
import { Trouble } from "../parts/Trouble";
import { ChainTimeline } from "./orders/ChainTimeline";
import { OperationSteps } from "./orders/OperationSteps";

const REFRESH_MS = 3_000;
const OPEN = new Set(["pending_approval", "returned", "delivering"]);

/** One order from asking to delivery: the chain with its people, then each item's steps, live. */
export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  const named = useNames();
  const me = useMe();
  const refresh = useRefresh(REFRESH_MS);
  const order = useQuery({
    queryKey: ["order", id],
    queryFn: () =>
      answer(api.GET("/v1/orders/{order_id}", { params: { path: { order_id: id } }, headers: BACKGROUND })),
    refetchInterval: (query) => (OPEN.has(query.state.data?.state ?? "") ? refresh : false),
  });
  const withdraw = useDoing(
    () => answer(api.POST("/v1/orders/{order_id}/withdraw", { params: { path: { order_id: id } } })),
    words("order.withdrawn"),
  );
  if (order.isPending) return <Skeleton active />;
  if (!order.data) return <Trouble error={order.error} again={() => void order.refetch()} />;
  const { data } = order;
  const undecided = data.state === "pending_approval" || data.state === "returned";
  return (
    <Page
      title={`${words("order")} ${data.number}`}
      actions={
        undecided && data.applicant === me.login ? (
          <Popconfirm title={words("order.withdraw.sure")} onConfirm={() => withdraw.mutate(undefined)}>
            <Button>{words("order.withdraw")}</Button>
          </Popconfirm>
        ) : null
      }
    >
      {order.error ? <Trouble error={order.error} again={() => void order.refetch()} /> : null}
      {data.comment ? <Alert type="info" showIcon title={data.comment} /> : null}
      <Card>
        <Descriptions
          column={{ xs: 1, md: 2, xl: 3 }}
          items={[
            { key: "state", label: words("state"), children: <StateTag state={data.state} /> },
            { key: "purpose", label: words("purpose"), children: data.purpose },
            { key: "project", label: words("project"), children: data.project },
            { key: "applicant", label: words("applicant"), children: data.applicant_name },
            {
              key: "cost",
              label: words("monthly"),
              children: data.monthly_cost ? `${data.currency} ${data.monthly_cost}` : "–",
            },
            { key: "created", label: words("created"), children: <Moment at={data.created_at} /> },
            { key: "until", label: words("until"), children: <Moment at={data.expires_at} /> },
          ]}
        />
      </Card>
      {data.chain_id ? (
        <Card title={words("order.chain")}>
          <ChainTimeline id={data.chain_id} live={OPEN.has(data.state)} />
        </Card>
      ) : null}
      {data.items.map((item) => (
        <Card
          key={item.id}
          title={`${item.position + 1}. ${named("kind", item.kind)}`}
          extra={<StateTag state={item.state} />}
        >
          <Flex vertical gap="middle">
            <FactSheet facts={item.specification} />
            {item.problem ? (
              <Alert type="error" showIcon title={item.problem.text} description={item.problem.words} />
            ) : null}
            {item.operation_id ? <OperationSteps id={item.operation_id} /> : null}
          </Flex>
        </Card>
      ))}
    </Page>
  );
}
