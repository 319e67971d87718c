import { Segmented, Typography } from "antd";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { useFilter } from "../../parts/filters";
import { Listing } from "../../parts/Listing";

type Change = RowOf<"/v1/access-changes">;

/** What takes a second administrator: nobody confirms what he asked for himself. */
export function Waiting() {
  const words = useWords();
  const column = useColumns<Change>();
  const [which, setWhich] = useFilter("which");
  return (
    <Listing
      list="/v1/access-changes"
      family="changes"
      query={{ waiting: which === "" }}
      filters={
        <Segmented
          value={which}
          onChange={setWhich}
          options={[
            { value: "", label: words("change.waiting") },
            { value: "all", label: words("all") },
          ]}
        />
      }
      columns={[
        column.text("title", "change"),
        column.state("state"),
        column.text("requested_by", "asked_by"),
        column.at("requested_at", "at"),
        column.at("expires_at", "change.until"),
        column.text("decided_by", "change.decided_by"),
        column.verbs((change) => <Verbs change={change} />),
      ]}
      rowKey="id"
      more={(change) => (
        <>
          {change.reason ? <Typography.Paragraph>{change.reason}</Typography.Paragraph> : null}
          <pre className="log">{JSON.stringify(change.content, null, 2)}</pre>
        </>
      )}
      empty={words("change.none")}
    />
  );
}

function Verbs({ change }: { change: Change }) {
  const me = useMe();
  const params = { path: { change_id: change.id } };
  if (change.state !== "waiting" || !me.may("role.manage")) return null;
  return (
    <>
      <Ask
        word="confirm"
        button={{ size: "small", type: "primary", disabled: change.requested_by === me.login }}
        sure={change.title}
        work={() => answer(api.POST("/v1/access-changes/{change_id}/confirm", { params }))}
      />
      <Ask
        word="refuse"
        button={{ size: "small", danger: true }}
        sure={change.title}
        fields={[{ name: "reason", word: "reason" }]}
        work={(given) =>
          answer(api.POST("/v1/access-changes/{change_id}/refuse", { params, body: { reason: given.text("reason") } }))
        }
      />
    </>
  );
}
