import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

/** Who decides in one's place while one is away, and for whom one decides. */
export function Deputies() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<RowOf<"/v1/deputies">>();
  return (
    <Listing
      list="/v1/deputies"
      family="deputies"
      filters={
        <Ask
          word="deputy.appoint"
          button={{ type: "primary" }}
          sure={words("deputy.hint")}
          fields={[
            { name: "to", word: "deputy.to" },
            { name: "begins", word: "deputy.begins", kind: "moment" },
            { name: "ends", word: "deputy.ends", kind: "moment" },
            { name: "reason", word: "reason" },
          ]}
          work={(given) =>
            answer(
              api.POST("/v1/deputies", {
                body: {
                  to: given.text("to").trim(),
                  begins_at: given.moment("begins") ?? "",
                  ends_at: given.moment("ends") ?? "",
                  reason: given.text("reason"),
                  person: null,
                },
              }),
            )
          }
        />
      }
      columns={[
        column.text("person_name", "deputy.of"),
        column.text("deputy_name", "deputy"),
        column.at("begins_at", "deputy.begins"),
        column.at("ends_at", "deputy.ends"),
        column.text("reason", "reason"),
        column.verbs((deputy) => (
          <Ask
            word="deputy.dismiss"
            button={{ size: "small", danger: true, disabled: deputy.person !== me.login }}
            sure={words("deputy.dismiss.sure", { name: deputy.deputy_name })}
            work={() => answer(api.DELETE("/v1/deputies/{deputy_id}", { params: { path: { deputy_id: deputy.id } } }))}
          />
        )),
      ]}
      rowKey="id"
      empty={words("deputy.none")}
    />
  );
}
