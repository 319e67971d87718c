import { Button, Checkbox } from "antd";
import { Link } from "react-router";

import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { NONE, useColumns } from "../parts/columns";
import { Search, StateChoice, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";

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
  const column = useColumns<RowOf<"/v1/orders">>();
  const [state, setState] = useFilter("state");
  const [number, setNumber] = useFilter("number");
  const [project, setProject] = useFilter("project");
  const [mine, setMine] = useFilter("mine");
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
      <Listing
        list="/v1/orders"
        family="orders"
        query={{ state: state as State, number, project, mine: mine === "yes" }}
        filters={
          <>
            <StateChoice states={STATES} value={state} choose={setState} />
            <Search word="order.number" value={number} choose={setNumber} />
            <Search word="project.code" value={project} choose={setProject} />
            <Checkbox
              checked={mine === "yes"}
              onChange={(event) => setMine(event.target.checked ? "yes" : "")}
              style={{ alignSelf: "center" }}
            >
              {words("order.mine")}
            </Checkbox>
          </>
        }
        columns={[
          column.text("number", "order.number"),
          column.long("purpose", "purpose"),
          column.state("state"),
          column.text("project", "project"),
          column.text("applicant_name", "applicant"),
          {
            ...column.show("cost", "monthly", (order) =>
              order.monthly_cost === null ? NONE : `${order.currency} ${order.monthly_cost}`,
            ),
            align: "right",
          },
          column.at("created_at", "created"),
        ]}
        rowKey="id"
        open={(order) => `/orders/${order.id}`}
        empty={words("order.none")}
      />
    </Page>
  );
}
