import { type TableColumnsType, Typography } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useWords } from "../language/setup";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { StateTag } from "../parts/StateTag";

type Network = Schemas["NetworkView"];

export function Component() {
  const words = useWords();
  const columns: TableColumnsType<Network> = [
    { title: words("name"), dataIndex: "name" },
    { title: words("state"), dataIndex: "state", render: (state: string) => <StateTag state={state} /> },
    { title: words("region"), dataIndex: "region" },
    { title: "VLAN", dataIndex: "vlan", align: "right", render: (vlan: number | null) => vlan ?? "–" },
    {
      title: words("subnets"),
      render: (_, network) =>
        network.subnets.map((subnet) => (
          <div key={subnet.cidr}>
            <Typography.Text copyable>{subnet.cidr}</Typography.Text>
          </div>
        )),
    },
    {
      title: words("free_addresses"),
      align: "right",
      render: (_, network) => network.subnets.reduce((sum, subnet) => sum + subnet.free, 0),
    },
    { title: words("project"), dataIndex: "project", render: (project: string | null) => project ?? words("shared") },
  ];
  return (
    <Page title={words("menu.networks")}>
      <Listing
        queryKey={["networks"]}
        read={(after) =>
          answer(
            api.GET("/v1/networks", { params: { query: { limit: 50, ...(after && { after }) } }, headers: BACKGROUND }),
          )
        }
        columns={columns}
        rowKey="id"
      />
    </Page>
  );
}
