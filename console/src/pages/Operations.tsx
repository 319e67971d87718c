import { Segmented } from "antd";

import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { useColumns } from "../parts/columns";
import { useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";
import { Backends, Lanes } from "./operations/Lanes";
import { Orphans } from "./operations/Orphans";

export function Component() {
  const words = useWords();
  const operator = useMe().may("operation.operate");
  return (
    <Page title={words("menu.operations")}>
      <Tabbed
        tabs={[
          { key: "all", word: "menu.operations", content: <Operations /> },
          operator ? { key: "lanes", word: "lanes", content: <Lanes /> } : null,
          operator ? { key: "backends", word: "backends", content: <Backends /> } : null,
          operator ? { key: "orphans", word: "orphans", content: <Orphans /> } : null,
        ]}
      />
    </Page>
  );
}

function Operations() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/operations">>();
  const [which, setWhich] = useFilter("which");
  return (
    <Listing
      list="/v1/operations"
      family="operations"
      query={{ active: which === "active", stuck: which === "stuck" }}
      filters={
        <Segmented
          value={which}
          onChange={setWhich}
          options={[
            { value: "", label: words("all") },
            { value: "active", label: words("operation.active") },
            { value: "stuck", label: words("operation.stuck") },
          ]}
        />
      }
      columns={[
        column.named("kind", "kind", "kind"),
        column.text("subject_name", "subject"),
        column.state("state"),
        column.show("problem", "problem", (operation) => operation.problem?.text ?? ""),
        column.text("requested_by", "asked_by"),
        column.at("created_at", "created"),
        column.at("ended_at", "ended"),
      ]}
      rowKey="id"
      open={(operation) => `/operations/${operation.id}`}
      empty={words(which === "stuck" ? "operation.none_stuck" : "nothing")}
    />
  );
}
