import { Button, Col, Flex, Row } from "antd";
import { Link } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { Page } from "../parts/Page";
import { Newest } from "./home/Newest";
import { TodoCards } from "./todos/TodoCards";

const SHOWN = 6;

/** To-dos first: somebody waits for them. Then what is one's own. */
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
      <Row gutter={[16, 16]}>
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
