import { Space } from "antd";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { useAnswered } from "../../parts/answered";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { StateChoice, useFilter } from "../../parts/filters";
import { Listing } from "../../parts/Listing";

const STATES = ["open", "ignored", "reverting", "accepted", "reverted", "settled", "dropped"] as const;
type Drift = RowOf<"/v1/drifts">;

/** What somebody changed in a region past Jinyun: take it over, undo it, or leave it for a while. */
export function Drifts() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<Drift>();
  const [state, setState] = useFilter("state");
  return (
    <Listing
      list="/v1/drifts"
      family="drifts"
      query={{ state: state as (typeof STATES)[number] }}
      filters={<StateChoice states={STATES} value={state} choose={setState} />}
      columns={[
        column.show("hostname", "server", (drift) => <Link to={`/servers/${drift.server_id}`}>{drift.hostname}</Link>),
        column.text("title", "drift.what"),
        column.show("expected", "drift.expected", (drift) => shown(drift.expected)),
        column.show("found", "drift.found", (drift) => shown(drift.found)),
        column.state("state"),
        column.text("project", "project"),
        column.at("first_seen_at", "since"),
        column.text("comment", "comment"),
        ...(me.may("server.operate") ? [column.verbs((drift) => <Verbs drift={drift} />)] : []),
      ]}
      rowKey="id"
      empty={words("drift.none")}
    />
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Verbs({ drift }: { drift: Drift }) {
  const answered = useAnswered();
  const params = { path: { drift_id: drift.id } };
  const because = [{ name: "comment", word: "comment" as const }];
  if (drift.state !== "open" && drift.state !== "ignored") return null;
  return (
    <Space>
      <Ask
        word="drift.accept"
        button={{ size: "small" }}
        fields={because}
        work={(given) =>
          answer(api.POST("/v1/drifts/{drift_id}/accept", { params, body: { comment: given.text("comment") } }))
        }
      />
      <Ask
        word="drift.revert"
        button={{ size: "small", danger: true }}
        fields={because}
        work={(given) =>
          answer(api.POST("/v1/drifts/{drift_id}/revert", { params, body: { comment: given.text("comment") } }))
        }
        then={answered}
      />
      <Ask
        word="drift.ignore"
        button={{ size: "small" }}
        fields={[...because, { name: "until", word: "drift.until", kind: "moment" }]}
        work={(given) =>
          answer(
            api.POST("/v1/drifts/{drift_id}/ignore", {
              params,
              body: { comment: given.text("comment"), until: given.moment("until") ?? "" },
            }),
          )
        }
      />
    </Space>
  );
}
