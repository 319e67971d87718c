import { Flex, type TableColumnsType } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useWords } from "../language/setup";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";

export function Component() {
  const words = useWords();
  const [person, setPerson] = useFilter("person");
  const [order, setOrder] = useFilter("order");
  const columns: TableColumnsType<Schemas["RecordView"]> = [
    { title: words("at"), dataIndex: "at", render: (at: string) => <Moment at={at} /> },
    { title: words("person"), dataIndex: "person" },
    { title: words("on_behalf_of"), dataIndex: "on_behalf_of", render: (login: string | null) => login ?? "–" },
    { title: words("action"), dataIndex: "action" },
    { title: words("subject"), dataIndex: "subject_name" },
    { title: words("order.number"), dataIndex: "order_number", render: (number: string | null) => number ?? "–" },
    { title: words("source"), dataIndex: "source_address", render: (address: string | null) => address ?? "–" },
    { title: words("number"), dataIndex: "number", align: "right" },
  ];
  const read = (after: string | undefined) =>
    answer(
      api.GET("/v1/audit/records", {
        params: { query: { limit: 50, ...(after && { after }), ...(person && { person }), ...(order && { order }) } },
        headers: BACKGROUND,
      }),
    );
  return (
    <Page title={words("menu.audit")}>
      <Flex gap="small" wrap>
        <Search word="person" value={person} choose={setPerson} />
        <Search word="order.number" value={order} choose={setOrder} />
      </Flex>
      <Listing
        key={`${person} ${order}`}
        queryKey={["audit", person, order]}
        read={read}
        columns={columns}
        rowKey="id"
      />
    </Page>
  );
}
