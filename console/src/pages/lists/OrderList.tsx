import type { TableColumnsType } from "antd";

import type { Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { Listing, type PageOf } from "../../parts/Listing";
import { Moment } from "../../parts/Moment";
import { StateTag } from "../../parts/StateTag";

type Order = Schemas["OrderView"];

interface Props {
  read: (after: string | undefined) => Promise<PageOf<Order>>;
  filter?: readonly unknown[];
}

export function OrderList({ read, filter = [] }: Props) {
  const words = useWords();
  const columns: TableColumnsType<Order> = [
    { title: words("order.number"), dataIndex: "number" },
    { title: words("purpose"), dataIndex: "purpose", ellipsis: true },
    { title: words("state"), dataIndex: "state", render: (state: string) => <StateTag state={state} /> },
    { title: words("project"), dataIndex: "project" },
    { title: words("applicant"), dataIndex: "applicant_name" },
    {
      title: words("monthly"),
      align: "right",
      render: (_, order) => (order.monthly_cost === null ? "–" : `${order.currency} ${order.monthly_cost}`),
    },
    { title: words("created"), dataIndex: "created_at", render: (at: string) => <Moment at={at} /> },
  ];
  return (
    <Listing
      queryKey={["orders", ...filter]}
      read={read}
      columns={columns}
      rowKey="id"
      open={(order) => `/orders/${order.id}`}
      empty={words("order.none")}
    />
  );
}
