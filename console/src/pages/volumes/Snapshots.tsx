import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { useAnswered } from "../../parts/answered";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Search, useFilter } from "../../parts/filters";
import { Listing } from "../../parts/Listing";

export function Snapshots() {
  const words = useWords();
  const me = useMe();
  const answered = useAnswered();
  const column = useColumns<RowOf<"/v1/snapshots">>();
  const [project, setProject] = useFilter("project");
  return (
    <Listing
      list="/v1/snapshots"
      family="snapshots"
      query={{ project }}
      filters={<Search word="project.code" value={project} choose={setProject} />}
      columns={[
        column.text("name", "name"),
        column.state("state"),
        column.text("volume", "volume"),
        { ...column.text("size_gib", "size_gib"), align: "right" },
        column.text("tier", "tier"),
        column.text("project", "project"),
        column.at("created_at", "created"),
        column.at("expires_at", "until"),
        ...(me.may("volume.operate")
          ? [
              column.verbs((snapshot) => (
                <Ask
                  word="remove"
                  button={{ size: "small", danger: true, disabled: snapshot.operation_id !== null }}
                  sure={words("snapshot.delete.sure", { name: snapshot.name })}
                  work={() =>
                    answer(
                      api.DELETE("/v1/snapshots/{snapshot_id}", { params: { path: { snapshot_id: snapshot.id } } }),
                    )
                  }
                  then={answered}
                />
              )),
            ]
          : []),
      ]}
      rowKey="id"
      open={(snapshot) => `/snapshots/${snapshot.id}`}
      empty={words("snapshot.none")}
    />
  );
}
