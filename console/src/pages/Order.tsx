import { Alert, Button, Card, Collapse, Descriptions, Flex, Space } from "antd";
import { Link, useParams } from "react-router";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { FactSheet } from "../parts/Facts";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { StateTag } from "../parts/StateTag";
import { ChainTimeline } from "./orders/ChainTimeline";
import { OperationSteps } from "./orders/OperationSteps";
import { TodoCards } from "./todos/TodoCards";

const REFRESH_MS = 3_000;
const OPEN = new Set(["pending_approval", "returned", "delivering"]);

type Order = Schemas["OrderView"];

/** One order from asking to delivery: the chain with its people, then each item's steps, live. */
export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  const params = { path: { order_id: id } };
  return (
    <Seen
      queryKey={["order", id]}
      refresh={REFRESH_MS}
      read={() => answer(api.GET("/v1/orders/{order_id}", { params, headers: BACKGROUND }))}
    >
      {(order) => (
        <Page title={`${words("order")} ${order.number}`} actions={<Verbs order={order} />}>
          {order.comment ? <Alert type="info" showIcon title={order.comment} /> : null}
          <Head order={order} />
          {order.chain_id && OPEN.has(order.state) ? <TodoCards quiet brief chain={order.chain_id} /> : null}
          {order.chain_id ? (
            <Card title={words("order.chain")}>
              <ChainTimeline id={order.chain_id} live={OPEN.has(order.state)} />
            </Card>
          ) : null}
          {order.items.map((item) => (
            <Item key={item.id} item={item} />
          ))}
        </Page>
      )}
    </Seen>
  );
}

function Head({ order }: { order: Order }) {
  const words = useWords();
  return (
    <Card>
      <Descriptions
        column={{ xs: 1, md: 2, xl: 3 }}
        items={[
          { key: "state", label: words("state"), children: <StateTag state={order.state} /> },
          { key: "purpose", label: words("purpose"), children: order.purpose },
          { key: "project", label: words("project"), children: order.project },
          { key: "applicant", label: words("applicant"), children: order.applicant_name },
          {
            key: "cost",
            label: words("monthly"),
            children: order.monthly_cost ? `${order.currency} ${order.monthly_cost}` : "–",
          },
          { key: "created", label: words("created"), children: <Moment at={order.created_at} /> },
          { key: "until", label: words("until"), children: <Moment at={order.expires_at} /> },
          ...(order.state === "pending_approval"
            ? [{ key: "held", label: words("order.held"), children: <Moment at={order.held_until} /> }]
            : []),
          { key: "ended", label: words("ended"), children: <Moment at={order.ended_at} /> },
        ]}
      />
    </Card>
  );
}

function Item({ item }: { item: Schemas["ItemView"] }) {
  const words = useWords();
  const named = useNames();
  const serverId = item.allocation.server_id;
  const delivered = item.state === "delivered" && item.kind === "server" && typeof serverId === "string";
  return (
    <Card
      title={`${item.position + 1}. ${named("kind", item.kind)}`}
      extra={
        <Space>
          {delivered ? <Link to={`/servers/${serverId}`}>{words("show")}</Link> : null}
          <StateTag state={item.state} />
        </Space>
      }
    >
      <Flex vertical gap="middle">
        <FactSheet facts={item.specification} />
        {item.problem ? (
          <Alert type="error" showIcon title={item.problem.text} description={item.problem.words} />
        ) : null}
        {item.operation_id ? <Steps id={item.operation_id} folded={item.state === "delivered"} /> : null}
      </Flex>
    </Card>
  );
}

/** Steps while they go on; afterwards they are there for whoever wants to see them. */
function Steps({ id, folded }: { id: string; folded: boolean }) {
  const words = useWords();
  if (!folded) return <OperationSteps id={id} />;
  return (
    <Collapse
      ghost
      size="small"
      items={[{ key: "steps", label: words("order.steps"), children: <OperationSteps id={id} /> }]}
    />
  );
}

function Verbs({ order }: { order: Order }) {
  const words = useWords();
  const me = useMe();
  const own = order.applicant === me.login;
  const undecided = order.state === "pending_approval" || order.state === "returned";
  return (
    <Space wrap>
      {own && order.state === "returned" ? (
        <Link to={`/orders/new?change=${order.id}`}>
          <Button type="primary">{words("order.resubmit")}</Button>
        </Link>
      ) : null}
      {me.may("order.write") ? (
        <Link to={`/orders/new?from=${order.id}`}>
          <Button>{words("order.copy")}</Button>
        </Link>
      ) : null}
      {own && undecided ? (
        <Ask
          word="order.withdraw"
          sure={words("order.withdraw.sure")}
          done="order.withdrawn"
          work={() => answer(api.POST("/v1/orders/{order_id}/withdraw", { params: { path: { order_id: order.id } } }))}
        />
      ) : null}
    </Space>
  );
}
