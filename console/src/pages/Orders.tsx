import { Button, Flex } from "antd";
import { Link } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { Search, StateChoice, useFilter } from "../parts/filters";
import { Page } from "../parts/Page";
import { OrderList } from "./lists/OrderList";

const STATES = [
  "pending_approval",
  "returned",
  "delivering",
  "delivered",
  "partly_delivered",
  "failed",
  "rejected",
  "withdrawn",
  "expired",
] as const;
type State = (typeof STATES)[number];

export function Component() {
  const words = useWords();
  const me = useMe();
  const [state, setState] = useFilter("state");
  const [number, setNumber] = useFilter("number");
  const read = (after: string | undefined) =>
    answer(
      api.GET("/v1/orders", {
        params: {
          query: {
            limit: 20,
            ...(after && { after }),
            ...(state && { state: state as State }),
            ...(number && { number }),
          },
        },
        headers: BACKGROUND,
      }),
    );
  return (
    <Page
      title={words("menu.orders")}
      actions={
        me.may("order.write") ? (
          <Link to="/orders/new">
            <Button type="primary">{words("order.new")}</Button>
          </Link>
        ) : null
      }
    >
      <Flex gap="small" wrap>
        <StateChoice states={STATES} value={state} choose={setState} />
        <Search word="order.number" value={number} choose={setNumber} />
      </Flex>
      <OrderList key={`${state} ${number}`} filter={[state, number]} read={read} />
    </Page>
  );
}
