import { Flex, type TableColumnsType, Typography } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useWords } from "../language/setup";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";

type Thing = Schemas["ObservedView"];

/** What is in the regions already and belongs to nobody here, with the age of what is known. */
export function Component() {
  const words = useWords();
  const [name, setName] = useFilter("name");
  const [address, setAddress] = useFilter("address");
  const columns: TableColumnsType<Thing> = [
    { title: words("name"), dataIndex: "name" },
    { title: words("kind"), dataIndex: "kind" },
    { title: words("region"), dataIndex: "region" },
    { title: words("cluster"), dataIndex: "cluster", render: (cluster: string | null) => cluster ?? "–" },
    { title: words("host"), dataIndex: "host", render: (host: string | null) => host ?? "–" },
    { title: words("power"), dataIndex: "power", render: (power: string | null) => power ?? "–" },
    {
      title: words("address"),
      dataIndex: "addresses",
      render: (addresses: string[]) =>
        addresses.map((each) => (
          <div key={each}>
            <Typography.Text copyable>{each}</Typography.Text>
          </div>
        )),
    },
    { title: words("as_of"), dataIndex: "current_at", render: (at: string | null) => <Moment at={at} /> },
  ];
  const read = (after: string | undefined) =>
    answer(
      api.GET("/v1/observed", {
        params: { query: { limit: 50, ...(after && { after }), ...(name && { name }), ...(address && { address }) } },
        headers: BACKGROUND,
      }),
    );
  return (
    <Page title={words("menu.observed")}>
      <Flex gap="small" wrap>
        <Search word="name" value={name} choose={setName} />
        <Search word="address" value={address} choose={setAddress} />
      </Flex>
      <Listing
        key={`${name} ${address}`}
        queryKey={["observed", name, address]}
        read={read}
        columns={columns}
        rowKey="id"
      />
    </Page>
  );
}
