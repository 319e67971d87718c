import { Card, Descriptions, Table, Tag } from "antd";
import { useParams } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { useAnswered } from "../parts/answered";
import { Ask } from "../parts/Ask";
import { Copied, useColumns } from "../parts/columns";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { StateTag } from "../parts/StateTag";

/** A network with its subnets, and for those who keep the address plan, with who has which address. */
export function Component() {
  const { code = "" } = useParams();
  const words = useWords();
  const me = useMe();
  const answered = useAnswered();
  const params = { path: { code } };
  return (
    <Seen
      queryKey={["networks", code]}
      read={() => answer(api.GET("/v1/networks/{code}", { params, headers: BACKGROUND }))}
    >
      {(network) => (
        <Page
          title={network.name}
          actions={
            me.may("network.operate") && network.kind === "tenant" ? (
              <Ask
                word="remove"
                button={{ danger: true }}
                sure={words("network.delete.sure", { name: network.code })}
                work={() => answer(api.DELETE("/v1/networks/{code}", { params }))}
                then={answered}
              />
            ) : null
          }
        >
          <Card>
            <Descriptions
              column={{ xs: 1, md: 2, xl: 3 }}
              items={[
                { key: "code", label: words("code"), children: network.code },
                { key: "state", label: words("state"), children: <StateTag state={network.state} /> },
                { key: "kind", label: words("kind"), children: <Tag>{words(`network.${network.kind}`)}</Tag> },
                { key: "region", label: words("region"), children: network.region },
                { key: "vlan", label: words("vlan"), children: network.vlan ?? "–" },
                { key: "project", label: words("project"), children: network.project ?? words("shared") },
              ]}
            />
          </Card>
          <Card title={words("subnets")}>
            <Table
              size="small"
              rowKey="cidr"
              pagination={false}
              scroll={{ x: "max-content" }}
              dataSource={network.subnets}
              columns={[
                { title: words("address"), render: (_, subnet) => <Copied text={subnet.cidr} /> },
                { title: words("gateway"), dataIndex: "gateway", render: (at: string | null) => at ?? "–" },
                {
                  title: words("ranges"),
                  render: (_, subnet) => subnet.ranges.map((range) => `${range.first} – ${range.last}`).join(", "),
                },
                { title: words("free_addresses"), dataIndex: "free", align: "right" },
              ]}
            />
          </Card>
          {me.may("network.manage") ? (
            <Card title={words("addresses")} extra={<Reserve code={code} />}>
              <Addresses code={code} />
            </Card>
          ) : null}
        </Page>
      )}
    </Seen>
  );
}

function Reserve({ code }: { code: string }) {
  return (
    <Ask
      word="address.reserve"
      fields={[
        { name: "address", word: "address", optional: true, hint: "address.any" },
        { name: "note", word: "comment" },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/networks/{code}/addresses", {
            params: { path: { code } },
            body: { address: given.maybe("address"), note: given.text("note") },
          }),
        )
      }
    />
  );
}

function Addresses({ code }: { code: string }) {
  const words = useWords();
  const named = useNames();
  const column = useColumns<RowOf<"/v1/networks/{code}/addresses">>();
  return (
    <Listing
      list="/v1/networks/{code}/addresses"
      family="networks"
      inPath={{ code }}
      columns={[
        column.copy("address", "address"),
        column.state("state"),
        column.show("holder", "holder", (address) => address.hostname ?? named("kind", address.holder_kind)),
        column.text("note", "comment"),
        column.at("since", "since"),
        column.verbs((address) =>
          address.state === "reserved" ? (
            <Ask
              word="address.release"
              button={{ size: "small" }}
              sure={words("address.release.sure", { address: address.address })}
              work={() =>
                answer(
                  api.DELETE("/v1/networks/{code}/addresses/{address}", {
                    params: { path: { code, address: address.address } },
                  }),
                )
              }
            />
          ) : null,
        ),
      ]}
      rowKey="address"
    />
  );
}
