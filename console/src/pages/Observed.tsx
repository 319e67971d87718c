import { Flex } from "antd";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { Copied, useColumns } from "../parts/columns";
import { Choice, Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";

import { Batches } from "./adoption/Batches";
import { Proposals } from "./adoption/Proposals";

const KINDS = ["server", "volume", "port"] as const;

/** What is in the regions already and belongs to nobody here, with the age of what is known. */
export function Component() {
  const words = useWords();
  const manages = useMe().may("adoption.manage");
  return (
    <Page title={words("menu.observed")}>
      <Tabbed
        tabs={[
          { key: "things", word: "observed.things", content: <Things /> },
          manages ? { key: "adoption", word: "adoption", content: <Proposals /> } : null,
          manages ? { key: "batches", word: "adoption.batches", content: <Batches /> } : null,
          { key: "estates", word: "observed.estates", content: <Estates /> },
        ]}
      />
    </Page>
  );
}

function Things() {
  const column = useColumns<RowOf<"/v1/observed">>();
  const [name, setName] = useFilter("name");
  const [address, setAddress] = useFilter("address");
  const [region, setRegion] = useFilter("region");
  const [kind, setKind] = useFilter("kind");
  return (
    <Listing
      list="/v1/observed"
      family="observed"
      query={{ name, address, region, kind: kind as (typeof KINDS)[number] }}
      filters={
        <>
          <Choice word="kind" all="every_kind" family="kind" names={KINDS} value={kind} choose={setKind} />
          <Search word="name" value={name} choose={setName} />
          <Search word="address" value={address} choose={setAddress} />
          <Search word="region" value={region} choose={setRegion} />
        </>
      }
      columns={[
        column.text("name", "name"),
        column.named("kind", "kind", "kind"),
        column.text("region", "region"),
        column.text("cluster", "cluster"),
        column.text("host", "host"),
        column.named("power", "power", "state"),
        column.show("addresses", "address", (thing) => (
          <Flex vertical>
            {thing.addresses.map((each) => (
              <Copied key={each} text={each} />
            ))}
          </Flex>
        )),
        column.at("current_at", "as_of"),
      ]}
      rowKey="id"
    />
  );
}

function Estates() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/estates">>();
  return (
    <Listing
      list="/v1/estates"
      family="estates"
      columns={[
        column.text("region", "region"),
        column.text("installation", "observed.installation"),
        { ...column.text("things", "observed.things"), align: "right" },
        column.at("current_at", "as_of"),
        column.at("read_at", "seen"),
        column.show("problem", "problem", (estate) => estate.problem?.text ?? "–"),
        column.verbs((estate) => (
          <Ask
            word="observed.read"
            button={{ size: "small" }}
            sure={words("observed.read.sure", { region: estate.region })}
            work={() =>
              answer(api.POST("/v1/regions/{code}/read-estate", { params: { path: { code: estate.region } } }))
            }
          />
        )),
      ]}
      rowKey="region"
    />
  );
}
