import { Flex, Tag } from "antd";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { useColumns } from "../parts/columns";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { memory } from "../parts/Size";
import { Tabbed } from "../parts/Tabbed";

/** What can be ordered, where, and what it costs. */
export function Component() {
  const words = useWords();
  return (
    <Page title={words("menu.catalogue")}>
      <Tabbed
        tabs={[
          { key: "flavors", word: "flavors", content: <Flavors /> },
          { key: "images", word: "images", content: <Images /> },
          { key: "tiers", word: "tiers", content: <Tiers /> },
          { key: "prices", word: "prices", content: <Prices list="/v1/prices" /> },
          { key: "history", word: "prices.history", content: <Prices list="/v1/prices/history" /> },
        ]}
      />
    </Page>
  );
}

function Flavors() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<RowOf<"/v1/flavors">>();
  return (
    <Listing
      list="/v1/flavors"
      family="flavors"
      columns={[
        column.text("code", "code"),
        column.text("name", "name"),
        { ...column.text("vcpus", "vcpus"), align: "right" },
        { ...column.show("memory", "memory", (flavor) => memory(flavor.memory_mib)), align: "right" },
        { ...column.show("disk", "disk", (flavor) => `${flavor.disk_gib} GiB`), align: "right" },
        column.show("regions", "menu.regions", (flavor) => flavor.regions.join(", ")),
        column.show("active", "state", (flavor) => <Offered offered={flavor.active} />),
        ...(me.may("catalog.manage")
          ? [
              column.verbs((flavor) => {
                const params = { path: { code: flavor.code } };
                return flavor.active ? (
                  <Ask
                    word="catalogue.withdraw"
                    button={{ size: "small" }}
                    sure={words("catalogue.withdraw.sure", { name: flavor.name })}
                    work={() => answer(api.POST("/v1/flavors/{code}/withdraw", { params }))}
                  />
                ) : (
                  <Ask
                    word="catalogue.offer"
                    button={{ size: "small" }}
                    work={() => answer(api.POST("/v1/flavors/{code}/offer", { params }))}
                  />
                );
              }),
            ]
          : []),
      ]}
      rowKey="id"
    />
  );
}

function Offered({ offered }: { offered: boolean }) {
  const words = useWords();
  return (
    <Tag color={offered ? "success" : "default"}>{words(offered ? "catalogue.offered" : "catalogue.withdrawn")}</Tag>
  );
}

function Images() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/images">>();
  return (
    <Listing
      list="/v1/images"
      family="images"
      columns={[
        column.text("code", "code"),
        column.text("name", "name"),
        column.show("versions", "version", (image) => (
          <Flex gap={4} wrap>
            {image.versions.map((version) => (
              <Tag key={version.id} color={version.state === "offered" ? "success" : "default"}>
                {version.version}
              </Tag>
            ))}
          </Flex>
        )),
        column.show("regions", "menu.regions", (image) =>
          [...new Set(image.versions.flatMap((version) => version.regions))].join(", "),
        ),
        column.show("login", "server.login", (image) => image.versions[0]?.login_user ?? ""),
      ]}
      rowKey="id"
      empty={words("nothing")}
    />
  );
}

function Tiers() {
  const column = useColumns<RowOf<"/v1/storage-tiers">>();
  return (
    <Listing
      list="/v1/storage-tiers"
      family="tiers"
      columns={[
        column.text("code", "code"),
        column.text("name", "name"),
        column.show("regions", "menu.regions", (tier) => tier.regions.join(", ")),
      ]}
      rowKey="id"
    />
  );
}

function Prices({ list }: { list: "/v1/prices" | "/v1/prices/history" }) {
  const words = useWords();
  const me = useMe();
  const column = useColumns<RowOf<typeof list>>();
  return (
    <Listing
      list={list}
      family="prices"
      filters={me.may("price.manage") ? <NewPrice /> : null}
      columns={[
        column.named("kind", "kind", "kind"),
        column.text("code", "code"),
        { ...column.show("monthly", "price.monthly", (price) => `${price.currency} ${price.monthly}`), align: "right" },
        column.text("effective_from", "price.from"),
        column.at("created_at", "created"),
      ]}
      rowKey="id"
      empty={words("prices.none")}
    />
  );
}

const PRICED = ["flavor", "tier", "address"] as const;

function NewPrice() {
  const named = useNames();
  return (
    <Ask
      word="price.add"
      button={{ type: "primary" }}
      fields={[
        {
          name: "kind",
          word: "kind",
          kind: "choice",
          options: PRICED.map((kind) => ({ value: kind, label: named("kind", kind) })),
          initial: "flavor",
        },
        { name: "code", word: "code", optional: true, hint: "price.code.hint", most: 64 },
        { name: "monthly", word: "price.monthly", most: 20 },
        { name: "from", word: "price.from", kind: "date", optional: true, hint: "price.from.hint" },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/prices", {
            body: {
              prices: [
                {
                  kind: given.one("kind", PRICED),
                  code: given.text("code"),
                  monthly: given.text("monthly"),
                  effective_from: given.maybe("from"),
                },
              ],
            },
          }),
        )
      }
    />
  );
}
