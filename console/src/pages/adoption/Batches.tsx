import { Tag } from "antd";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useNames, useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

/** What was adopted together: how far each batch is, and line by line what became of it. */
export function Batches() {
  const words = useWords();
  const named = useNames();
  const column = useColumns<RowOf<"/v1/adoptions">>();
  return (
    <Listing
      list="/v1/adoptions"
      family="adoption"
      columns={[
        column.text("reason", "reason"),
        column.state("state"),
        column.text("submitted_by", "asked_by"),
        column.show("lines", "adoption.lines", (batch) =>
          Object.entries(batch.lines).map(([state, count]) => (
            <Tag key={state}>
              {named("state", state)}: {String(count)}
            </Tag>
          )),
        ),
        column.show("projects", "menu.projects", (batch) => batch.parts.map((part) => part.project_name).join(", ")),
        column.at("created_at", "created"),
        column.verbs((batch) => (
          <Ask
            word="order.withdraw"
            button={{ size: "small" }}
            sure={words("adoption.withdraw.sure")}
            work={() =>
              answer(api.POST("/v1/adoptions/{adoption_id}/withdraw", { params: { path: { adoption_id: batch.id } } }))
            }
          />
        )),
      ]}
      rowKey="id"
      more={(batch) => <Lines id={batch.id} />}
      empty={words("adoption.none")}
    />
  );
}

function Lines({ id }: { id: string }) {
  const column = useColumns<RowOf<"/v1/adoptions/{adoption_id}/lines">>();
  return (
    <Listing
      list="/v1/adoptions/{adoption_id}/lines"
      family="adoption"
      inPath={{ adoption_id: id }}
      columns={[
        { ...column.text("number", "number"), width: 80 },
        column.text("machine", "name"),
        column.text("project", "project"),
        column.state("state"),
        column.show("problem", "problem", (line) => line.problem?.text ?? ""),
      ]}
      rowKey={(line) => String(line.number)}
    />
  );
}
