import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { Ask } from "../../parts/Ask";
import { useWords } from "../../language/setup";
import { useColumns } from "../../parts/columns";
import { StateChoice, useFilter } from "../../parts/filters";
import { Listing } from "../../parts/Listing";

const STATES = ["proposed", "accepted", "dismissed"] as const;
type Proposal = RowOf<"/v1/binding-proposals">;

/** Flavors, images and tiers that the region has, and what they are called here. */
export function Bindings({ region }: { region: string }) {
  const words = useWords();
  const column = useColumns<Proposal>();
  const [state, setState] = useFilter("state");
  return (
    <Listing
      list="/v1/binding-proposals"
      family="bindings"
      query={{ region, state: state as (typeof STATES)[number] }}
      filters={<StateChoice states={STATES} value={state} choose={setState} />}
      columns={[
        column.text("external_name", "name"),
        column.named("kind", "kind", "kind"),
        column.state("state"),
        column.show("suggestion", "binding.as", (proposal) =>
          [proposal.suggestion?.code, proposal.suggestion?.version].filter(Boolean).join(":"),
        ),
        column.show("reason", "binding.why", (proposal) => proposal.suggestion?.reason ?? ""),
        column.verbs((proposal) => (proposal.state === "proposed" ? <Verbs proposal={proposal} /> : null)),
      ]}
      rowKey="id"
      empty={words("proposal.none")}
    />
  );
}

function Verbs({ proposal }: { proposal: Proposal }) {
  const params = { path: { proposal_id: proposal.id } };
  return (
    <>
      <Ask
        word="accept"
        button={{ size: "small", type: "primary" }}
        fields={[
          { name: "code", word: "code", optional: true, initial: proposal.suggestion?.code ?? "" },
          { name: "version", word: "version", optional: true, initial: proposal.suggestion?.version ?? "" },
        ]}
        work={(given) =>
          answer(
            api.POST("/v1/binding-proposals/{proposal_id}/accept", {
              params,
              body: { code: given.maybe("code"), version: given.maybe("version"), name: null, login_user: null },
            }),
          )
        }
      />
      <Ask
        word="dismiss"
        button={{ size: "small" }}
        work={() => answer(api.POST("/v1/binding-proposals/{proposal_id}/dismiss", { params }))}
      />
    </>
  );
}
