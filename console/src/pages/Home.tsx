import { Button, Card, Col, Flex, Row } from "antd";
import { Link } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { readList } from "../api/lists";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { Newest } from "./home/Newest";
import { Numbers } from "./home/Numbers";
import { TodoCards } from "./todos/TodoCards";

const SHOWN = 6;

/** To-dos first: somebody waits for them. Then what one's role looks after, and what is one's own. */
export function Component() {
  const words = useWords();
  const me = useMe();
  const mine = me.may("order.write");
  return (
    <Page
      title={words("home.welcome", { name: me.name })}
      actions={
        mine ? (
          <Link to="/orders/new">
            <Button type="primary">{words("order.new")}</Button>
          </Link>
        ) : null
      }
    >
      <TodoCards quiet />
      <Numbers />
      <Row gutter={[16, 16]}>
        {me.may("operation.operate") ? <Stuck /> : null}
        {me.may("audit.read") ? <Records /> : null}
        {me.may("order.read") ? (
          <Col xs={24} xl={12}>
            <Newest
              title="menu.orders"
              path="/orders"
              none="order.none"
              read={() =>
                answer(api.GET("/v1/orders", { params: { query: { limit: SHOWN, mine } }, headers: BACKGROUND }))
              }
              line={(order) => `${order.number} ${order.purpose}`}
            />
          </Col>
        ) : null}
        {me.may("server.read") ? (
          <Col xs={24} xl={12}>
            <Newest
              title="menu.servers"
              path="/servers"
              none="server.none"
              read={() => answer(api.GET("/v1/servers", { params: { query: { limit: SHOWN } }, headers: BACKGROUND }))}
              line={(server) => `${server.hostname} ${server.address}`}
            />
          </Col>
        ) : null}
      </Row>
      {me.grants.length === 0 ? <Flex>{words("home.nothing")}</Flex> : null}
    </Page>
  );
}

function Stuck() {
  const named = useNames();
  return (
    <Col xs={24} xl={12}>
      <Newest
        title="operation.stuck"
        path="/operations"
        none="operation.none_stuck"
        read={() =>
          answer(api.GET("/v1/operations", { params: { query: { limit: SHOWN, stuck: true } }, headers: BACKGROUND }))
        }
        line={(operation) => `${named("kind", operation.kind)} ${operation.subject_name}`}
      />
    </Col>
  );
}

function Records() {
  const words = useWords();
  return (
    <Col xs={24} xl={16}>
      <Card title={words("menu.audit")} extra={<Link to="/audit">{words("all")}</Link>}>
        <Seen queryKey={["audit", "newest"]} read={() => readList("/v1/audit/records", {}, { limit: SHOWN })}>
          {({ items }) => (
            <Flex vertical gap="small">
              {items.map((record) => (
                <Flex key={record.id} gap="small" wrap>
                  <Moment at={record.at} />
                  <strong>{record.person}</strong>
                  <code>{record.action}</code>
                  <span>{record.subject_name}</span>
                </Flex>
              ))}
            </Flex>
          )}
        </Seen>
      </Card>
    </Col>
  );
}
