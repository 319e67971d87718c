import { Progress, Tag } from "antd";
import { Link } from "react-router";

import type { RowOf } from "../api/lists";
import { useNames, useWords } from "../language/setup";
import { NONE, useColumns } from "../parts/columns";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { memory } from "../parts/Size";
import { Tabbed } from "../parts/Tabbed";
import { PoolPlots } from "./capacity/PoolPlots";
import { Topology } from "./capacity/Topology";
import { Trend } from "./capacity/Trend";

type Pool = RowOf<"/v1/capacity">;

/** What the pools have after overcommit, what is promised, and whether they survive the loss of a host. */
export function Component() {
  const words = useWords();
  return (
    <Page title={words("menu.capacity")}>
      <Tabbed
        tabs={[
          { key: "pools", word: "pools", content: <Pools /> },
          { key: "plots", word: "capacity.plots", content: <PoolPlots /> },
          { key: "trend", word: "trend", content: <Trend /> },
          { key: "topology", word: "topology", content: <Topology /> },
        ]}
      />
    </Page>
  );
}

function Pools() {
  const words = useWords();
  const named = useNames();
  const column = useColumns<Pool>();
  return (
    <Listing
      list="/v1/capacity"
      family="capacity"
      columns={[
        column.show("name", "pool", (pool) => <Link to={`/hosts?pool=${pool.pool_id}`}>{pool.name}</Link>),
        column.show("region", "region", (pool) => [pool.region, pool.zone].filter(Boolean).join(" / ")),
        column.text("hypervisor", "hypervisor"),
        column.show("class", "criticality", (pool) =>
          pool.criticality_class ? named("class", pool.criticality_class) : NONE,
        ),
        { ...column.text("hosts", "hosts"), align: "right" },
        column.show("vcpus", "vcpus", (pool) => (
          <Share
            size={pool.size.vcpus}
            free={pool.free.vcpus}
            say={(amount) => String(amount)}
            ratio={pool.cpu_ratio}
          />
        )),
        column.show("memory", "memory", (pool) => (
          <Share size={pool.size.memory_mib} free={pool.free.memory_mib} say={memory} ratio={pool.memory_ratio} />
        )),
        column.show("disk", "disk", (pool) => (
          <Share size={pool.size.disk_gib} free={pool.free.disk_gib} say={(amount) => `${amount} GiB`} />
        )),
        column.show("held", "held", (pool) => `${pool.held.vcpus} vCPU, ${memory(pool.held.memory_mib)}`),
        column.show("n1", "capacity.n1", (pool) => (
          <Tag color={pool.survives_a_host ? "success" : "error"}>
            {words(pool.survives_a_host ? "capacity.survives" : "capacity.at_risk")}
          </Tag>
        )),
      ]}
      rowKey="pool_id"
      empty={words("pool.none")}
    />
  );
}

interface ShareProps {
  size: number;
  free: number;
  say: (amount: number) => string;
  ratio?: number;
}

function Share({ size, free, say, ratio = 1 }: ShareProps) {
  const percent = size === 0 ? 0 : Math.round(((size - free) / size) * 100);
  const label = `${say(size - free)} / ${say(size)}${ratio === 1 ? "" : ` (×${ratio})`}`;
  return (
    <div style={{ minWidth: 150 }}>
      {label}
      <Progress percent={percent} size="small" status={percent >= 90 ? "exception" : "normal"} aria-label={label} />
    </div>
  );
}
