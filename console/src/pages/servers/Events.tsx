import { Typography } from "antd";
import { Link } from "react-router";

import type { RowOf } from "../../api/lists";
import { useNames, useWords } from "../../language/setup";
import { NONE, useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

/** What was done to the server, by whom, and for which order. */
export function Events({ id }: { id: string }) {
  const words = useWords();
  const named = useNames();
  const column = useColumns<RowOf<"/v1/servers/{server_id}/events">>();
  return (
    <Listing
      list="/v1/servers/{server_id}/events"
      family="server"
      inPath={{ server_id: id }}
      columns={[
        column.at("at", "at"),
        column.show("action", "server.event", (event) => named("action", event.action)),
        column.text("person", "person"),
        column.text("on_behalf_of", "on_behalf_of"),
        column.show("order", "order", (event) =>
          event.order_number ? (
            <Link to={`/orders?number=${event.order_number}`}>{event.order_number}</Link>
          ) : (
            <Typography.Text type="secondary">{NONE}</Typography.Text>
          ),
        ),
      ]}
      rowKey="id"
      empty={words("server.events.none")}
    />
  );
}
