import { Flex, Tag } from "antd";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { useAnswered } from "../parts/answered";
import { Ask } from "../parts/Ask";
import { Copied, NONE, useColumns } from "../parts/columns";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";
import { Floating } from "./networks/Floating";
import { Groups } from "./networks/Groups";
import { Proposals } from "./networks/Proposals";

export function Component() {
  const words = useWords();
  const manager = useMe().may("network.manage");
  return (
    <Page title={words("menu.networks")}>
      <Tabbed
        tabs={[
          { key: "networks", word: "menu.networks", content: <Networks /> },
          { key: "routers", word: "routers", content: <Routers /> },
          { key: "floating", word: "floating", content: <Floating /> },
          { key: "groups", word: "groups", content: <Groups /> },
          manager ? { key: "proposals", word: "proposals", content: <Proposals /> } : null,
        ]}
      />
    </Page>
  );
}

function Networks() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/networks">>();
  const [project, setProject] = useFilter("project");
  return (
    <Listing
      list="/v1/networks"
      family="networks"
      query={{ project }}
      filters={<Search word="project.code" value={project} choose={setProject} />}
      columns={[
        column.text("code", "code"),
        column.text("name", "name"),
        column.state("state"),
        column.show("kind", "kind", (network) => <Tag>{words(`network.${network.kind}`)}</Tag>),
        column.text("region", "region"),
        { ...column.text("vlan", "vlan"), align: "right" },
        column.show("subnets", "subnets", (network) => (
          <Flex vertical>
            {network.subnets.map((subnet) => (
              <Copied key={subnet.cidr} text={subnet.cidr} />
            ))}
          </Flex>
        )),
        {
          ...column.show("free", "free_addresses", (network) =>
            network.subnets.reduce((sum, subnet) => sum + subnet.free, 0),
          ),
          align: "right",
        },
        column.show("project", "project", (network) => network.project ?? words("shared")),
      ]}
      rowKey="id"
      open={(network) => `/networks/${network.code}`}
    />
  );
}

function Routers() {
  const words = useWords();
  const me = useMe();
  const answered = useAnswered();
  const column = useColumns<RowOf<"/v1/routers">>();
  return (
    <Listing
      list="/v1/routers"
      family="routers"
      columns={[
        column.text("code", "code"),
        column.state("state"),
        column.show("networks", "menu.networks", (router) => router.networks.join(", ") || NONE),
        column.text("external", "router.external"),
        column.text("project", "project"),
        column.text("region", "region"),
        ...(me.may("network.operate")
          ? [
              column.verbs((router) => (
                <Ask
                  word="remove"
                  button={{ size: "small", danger: true, disabled: router.state !== "ready" }}
                  sure={words("router.delete.sure", { name: router.code })}
                  work={() =>
                    answer(api.DELETE("/v1/routers/{router_id}", { params: { path: { router_id: router.id } } }))
                  }
                  then={answered}
                />
              )),
            ]
          : []),
      ]}
      rowKey="id"
      empty={words("router.none")}
    />
  );
}
