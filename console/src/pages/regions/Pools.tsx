import { Tag } from "antd";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useNames, useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { NONE, useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";
import { CRITICALITY } from "../projects/names";

type Pool = RowOf<"/v1/pools">;

export function Pools({ region }: { region?: string }) {
  const words = useWords();
  const named = useNames();
  const me = useMe();
  const column = useColumns<Pool>();
  return (
    <Listing
      list="/v1/pools"
      family="pools"
      query={region ? { region } : {}}
      columns={[
        column.text("name", "name"),
        column.show("region", "region", (pool) => [pool.region, pool.zone].filter(Boolean).join(" / ")),
        column.text("hypervisor", "hypervisor"),
        column.show("orderable", "state", (pool) => (
          <Tag color={pool.orderable ? "success" : "default"}>
            {words(pool.orderable ? "pool.open" : "pool.closed")}
          </Tag>
        )),
        column.show("class", "criticality", (pool) =>
          pool.criticality_class ? named("class", pool.criticality_class) : NONE,
        ),
        column.show("overcommit", "pool.overcommit", (pool) => `CPU 1:${pool.cpu_ratio} · RAM 1:${pool.memory_ratio}`),
        column.text("dedicated_to", "pool.dedicated"),
        column.text("owner", "owner"),
        ...(me.may("region.manage") ? [column.verbs((pool) => <Change pool={pool} />)] : []),
      ]}
      rowKey="id"
    />
  );
}

function Change({ pool }: { pool: Pool }) {
  const named = useNames();
  return (
    <Ask
      word="edit"
      button={{ size: "small" }}
      sure={pool.name}
      fields={[
        { name: "orderable", word: "pool.orderable", kind: "switch", initial: pool.orderable },
        {
          name: "criticality",
          word: "criticality",
          kind: "choice",
          optional: true,
          options: CRITICALITY.map((name) => ({ value: name, label: named("class", name) })),
          initial: pool.criticality_class,
        },
        { name: "cpu", word: "pool.cpu_ratio", kind: "number", initial: pool.cpu_ratio },
        { name: "memory", word: "pool.memory_ratio", kind: "number", initial: pool.memory_ratio },
        { name: "keeps", word: "pool.keeps", kind: "switch", initial: pool.keeps_a_host },
        {
          name: "dedicated",
          word: "pool.dedicated",
          optional: true,
          hint: "pool.dedicated.hint",
          initial: pool.dedicated_to,
        },
        { name: "owner", word: "owner", optional: true, hint: "pool.owner.hint", initial: pool.owner },
      ]}
      work={(given) =>
        answer(
          api.PATCH("/v1/pools/{pool_id}", {
            params: { path: { pool_id: pool.id }, header: { "If-Match": `"${pool.version}"` } },
            body: {
              orderable: given.flag("orderable"),
              criticality_class: given.maybe("criticality") === null ? null : given.one("criticality", CRITICALITY),
              cpu_ratio: given.number("cpu"),
              memory_ratio: given.number("memory"),
              keeps_a_host: given.flag("keeps"),
              dedicated_to: given.maybe("dedicated"),
              owner: given.maybe("owner"),
            },
          }),
        )
      }
    />
  );
}
