import { Button, Flex, Input, Select } from "antd";
import { Link } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { useFilter } from "../parts/filters";
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
  const named = useNames();
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
        <Select
          aria-label={words("state")}
          style={{ width: 200 }}
          value={state}
          onChange={setState}
          options={[
            { value: "", label: words("every_state") },
            ...STATES.map((each) => ({ value: each, label: named("state", each) })),
          ]}
        />
        <Input.Search
          aria-label={words("order.number")}
          allowClear
          placeholder={words("order.number")}
          defaultValue={number}
          onSearch={setNumber}
          style={{ width: 220 }}
        />
      </Flex>
      <OrderList key={`${state} ${number}`} filter={[state, number]} read={read} />
    </Page>
  );
}
