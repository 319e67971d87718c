import { Link, useNavigate } from "react-router";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { useAnswered } from "../parts/answered";
import { Ask } from "../parts/Ask";
import { NONE, useColumns } from "../parts/columns";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";
import { Snapshots } from "./volumes/Snapshots";

export function Component() {
  const words = useWords();
  return (
    <Page title={words("menu.volumes")}>
      <Tabbed
        tabs={[
          { key: "volumes", word: "menu.volumes", content: <Volumes /> },
          { key: "snapshots", word: "snapshots", content: <Snapshots /> },
        ]}
      />
    </Page>
  );
}

type Volume = RowOf<"/v1/volumes">;

function Volumes() {
  const column = useColumns<Volume>();
  const me = useMe();
  const [name, setName] = useFilter("name");
  const [project, setProject] = useFilter("project");
  return (
    <Listing
      list="/v1/volumes"
      family="volumes"
      query={{ name, project }}
      filters={
        <>
          <Search word="name" value={name} choose={setName} />
          <Search word="project.code" value={project} choose={setProject} />
        </>
      }
      columns={[
        column.text("name", "name"),
        column.state("state"),
        column.text("tier", "tier"),
        { ...column.text("size_gib", "size_gib"), align: "right" },
        column.show("server", "server", (volume) =>
          volume.server ? <Link to={`/servers?hostname=${volume.server}`}>{volume.server}</Link> : NONE,
        ),
        column.text("project", "project"),
        column.text("region", "region"),
        column.at("expires_at", "until"),
        column.at("created_at", "created"),
        ...(me.may("volume.operate")
          ? [
              column.verbs((volume) =>
                volume.purge_at ? <Recycled volume={volume} /> : <VolumeVerbs volume={volume} />,
              ),
            ]
          : []),
      ]}
      rowKey="id"
    />
  );
}

/** A volume in the recycle bin can be taken out of it for some days. */
function Recycled({ volume }: { volume: Volume }) {
  const words = useWords();
  return (
    <>
      <span>
        {words("server.purged")} <Moment at={volume.purge_at} />
      </span>
      <Ask
        word="server.restore"
        button={{ size: "small", type: "primary" }}
        sure={words("volume.restore.sure", { name: volume.name })}
        work={() => answer(api.POST("/v1/volumes/{volume_id}/restore", { params: { path: { volume_id: volume.id } } }))}
      />
    </>
  );
}

/** What can be done with a volume; each is an operation, or an order where the policy wants a yes. */
function VolumeVerbs({ volume }: { volume: Volume }) {
  const words = useWords();
  const named = useNames();
  const me = useMe();
  const answered = useAnswered();
  const navigate = useNavigate();
  const params = { path: { volume_id: volume.id } };
  const small = { size: "small" as const, disabled: volume.operation_id !== null };
  return (
    <>
      <Ask
        word="volume.extend"
        button={small}
        fields={[{ name: "size_gib", word: "size_gib", kind: "number", initial: volume.size_gib + 10 }]}
        work={(given) =>
          answer(api.POST("/v1/volumes/{volume_id}/extend", { params, body: { size_gib: given.number("size_gib") } }))
        }
        then={answered}
      />
      <Ask
        word="snapshot.take"
        button={small}
        sure={words("snapshot.take.sure")}
        fields={[
          { name: "name", word: "name", most: 63 },
          { name: "until", word: "until", kind: "date", optional: true, hint: "until.hint" },
        ]}
        work={(given) =>
          answer(
            api.POST("/v1/volumes/{volume_id}/snapshots", {
              params,
              body: { name: given.text("name"), until: given.maybe("until") },
            }),
          )
        }
        then={(order) => void navigate(`/orders/${order.id}`)}
      />
      {me.may("order.write") ? (
        <Ask
          word="server.extend"
          button={{ size: "small", disabled: volume.expires_at === null }}
          fields={[
            { name: "until", word: "until", kind: "date", optional: true, hint: "until.hint" },
            { name: "purpose", word: "purpose", most: 500 },
          ]}
          work={(given) =>
            answer(
              api.POST("/v1/orders", {
                body: {
                  project: volume.project,
                  purpose: given.text("purpose"),
                  until: given.maybe("until"),
                  items: [{ kind: "lease-extension", volume_id: volume.id }],
                },
              }),
            )
          }
          then={(order) => void navigate(`/orders/${order.id}`)}
        />
      ) : null}
      <Ask
        word="remove"
        button={{ ...small, danger: true, disabled: small.disabled || volume.server !== null }}
        sure={words("volume.delete.sure", { name: volume.name, kind: named("kind", "volume") })}
        work={() => answer(api.DELETE("/v1/volumes/{volume_id}", { params }))}
        then={answered}
      />
    </>
  );
}
