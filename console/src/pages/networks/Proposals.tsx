import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { Copied, useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

type Proposal = RowOf<"/v1/network-proposals">;

/** Networks that a region has and nobody here knows yet. */
export function Proposals() {
  const words = useWords();
  const column = useColumns<Proposal>();
  return (
    <Listing
      list="/v1/network-proposals"
      family="networks"
      columns={[
        column.text("name", "name"),
        column.text("region", "region"),
        column.state("state"),
        { ...column.text("vlan", "vlan"), align: "right" },
        column.show("subnets", "subnets", (proposal) =>
          proposal.subnets.map((subnet) => <Copied key={subnet.cidr} text={subnet.cidr} />),
        ),
        column.at("observed_at", "seen"),
        column.verbs((proposal) => <Verbs proposal={proposal} />),
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
          { name: "code", word: "code", initial: proposal.name, most: 64 },
          { name: "name", word: "name", initial: proposal.name },
          { name: "project", word: "project.code", optional: true },
        ]}
        work={(given) =>
          answer(
            api.POST("/v1/network-proposals/{proposal_id}/accept", {
              params,
              body: { code: given.text("code"), name: given.text("name"), project: given.maybe("project") },
            }),
          )
        }
      />
      <Ask
        word="dismiss"
        button={{ size: "small", disabled: proposal.state === "dismissed" }}
        work={() => answer(api.POST("/v1/network-proposals/{proposal_id}/dismiss", { params }))}
      />
    </>
  );
}
