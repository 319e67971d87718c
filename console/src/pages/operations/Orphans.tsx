import { Tooltip } from "antd";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import { useAnswered } from "../../parts/answered";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Search, StateChoice, useFilter } from "../../parts/filters";
import { Listing } from "../../parts/Listing";

const STATES = ["seen", "confirmed", "cleaning", "gone"] as const;

/** What we made in a region and nobody needs any more. */
export function Orphans() {
  const words = useWords();
  const answered = useAnswered();
  const column = useColumns<RowOf<"/v1/orphans">>();
  const [state, setState] = useFilter("state");
  const [region, setRegion] = useFilter("region");
  return (
    <Listing
      list="/v1/orphans"
      family="orphans"
      query={{ state: state as (typeof STATES)[number], region }}
      filters={
        <>
          <StateChoice states={STATES} value={state} choose={setState} />
          <Search word="region" value={region} choose={setRegion} />
        </>
      }
      columns={[
        column.show("name", "name", (orphan) => (
          <Tooltip title={orphan.evidence}>{orphan.name || orphan.external_id}</Tooltip>
        )),
        column.named("kind", "kind", "kind"),
        column.state("state"),
        column.text("region", "region"),
        column.copy("external_id", "external_id"),
        column.at("made_at", "created"),
        column.at("last_seen_at", "seen"),
        column.verbs((orphan) => (
          <Ask
            word="orphan.clean"
            button={{ size: "small", danger: true, disabled: orphan.state !== "confirmed" }}
            sure={words("orphan.clean.sure", { name: orphan.name || orphan.external_id })}
            work={() =>
              answer(api.POST("/v1/orphans/{orphan_id}/clean", { params: { path: { orphan_id: orphan.id } } }))
            }
            then={answered}
          />
        )),
      ]}
      rowKey="id"
      empty={words("orphan.none")}
    />
  );
}
