import { Tag } from "antd";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { useAnswered } from "../parts/answered";
import { Ask } from "../parts/Ask";
import { useColumns } from "../parts/columns";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";
import { Pools } from "./regions/Pools";

const PROVIDERS = ["openstack", "vsphere", "simulated"];

export function Component() {
  const words = useWords();
  const me = useMe();
  return (
    <Page title={words("menu.regions")} actions={me.may("region.manage") ? <Register /> : null}>
      <Tabbed
        tabs={[
          { key: "regions", word: "menu.regions", content: <Regions /> },
          { key: "pools", word: "pools", content: <Pools /> },
        ]}
      />
    </Page>
  );
}

function Regions() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/regions">>();
  return (
    <Listing
      list="/v1/regions"
      family="regions"
      columns={[
        column.text("code", "code"),
        column.text("name", "name"),
        column.state("state"),
        column.show("provider", "region.provider", (region) => (
          <>
            {region.provider} {region.simulated ? <Tag color="warning">{words("region.simulated")}</Tag> : null}
          </>
        )),
        column.text("release", "region.release"),
        column.show("zones", "region.zones", (region) => region.zones.join(", ")),
        column.show("problem", "problem", (region) => region.problem?.text ?? ""),
        column.at("last_seen_at", "seen"),
      ]}
      rowKey="id"
      open={(region) => `/regions/${region.code}`}
      empty={words("region.none")}
    />
  );
}

function Register() {
  const answered = useAnswered();
  return (
    <Ask
      word="region.register"
      button={{ type: "primary" }}
      fields={[
        { name: "code", word: "code", most: 64 },
        { name: "name", word: "name" },
        {
          name: "provider",
          word: "region.provider",
          kind: "choice",
          options: PROVIDERS.map((value) => ({ value, label: value })),
          initial: "openstack",
        },
        { name: "public", word: "region.public", kind: "area", hint: "region.public.hint", initial: "{}" },
        { name: "secret", word: "region.secret", kind: "secret", optional: true, most: 4096 },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/regions", {
            body: {
              code: given.text("code"),
              name: given.text("name"),
              provider: given.text("provider"),
              public: JSON.parse(given.text("public")) as Record<string, never>,
              secret: given.maybe("secret"),
            },
          }),
        )
      }
      then={answered}
    />
  );
}
