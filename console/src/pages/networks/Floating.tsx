import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { useAnswered } from "../../parts/answered";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

type Address = RowOf<"/v1/floating-addresses">;

/** Addresses that can be moved from server to server. */
export function Floating() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<Address>();
  return (
    <Listing
      list="/v1/floating-addresses"
      family="floating"
      columns={[
        column.copy("address", "address"),
        column.state("state"),
        column.text("server", "server"),
        column.text("network", "network"),
        column.text("project", "project"),
        column.text("region", "region"),
        ...(me.may("network.operate") ? [column.verbs((address) => <Verbs address={address} />)] : []),
      ]}
      rowKey="id"
      empty={words("floating.none")}
    />
  );
}

function Verbs({ address }: { address: Address }) {
  const words = useWords();
  const answered = useAnswered();
  const params = { path: { floating_id: address.id } };
  return (
    <>
      <Ask
        word="floating.move"
        button={{ size: "small" }}
        sure={words("floating.move.sure", { address: address.address })}
        fields={[
          { name: "server", word: "hostname", optional: true, hint: "floating.move.hint", initial: address.server },
        ]}
        work={(given) =>
          answer(
            api.PUT("/v1/floating-addresses/{floating_id}/server", { params, body: { server: given.maybe("server") } }),
          )
        }
        then={answered}
      />
      <Ask
        word="floating.release"
        button={{ size: "small", danger: true }}
        sure={words("floating.release.sure", { address: address.address })}
        work={() => answer(api.DELETE("/v1/floating-addresses/{floating_id}", { params }))}
        then={answered}
      />
    </>
  );
}
