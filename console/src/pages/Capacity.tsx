import { Flex, Progress, Tag, type TableColumnsType } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useWords } from "../language/setup";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { memory } from "../parts/Size";

type Pool = Schemas["PoolCapacityView"];

function Share({ size, free, label }: { size: number; free: number; label: string }) {
  const percent = size === 0 ? 0 : Math.round(((size - free) / size) * 100);
  return (
    <Flex vertical style={{ minWidth: 140 }}>
      <span>{label}</span>
      <Progress percent={percent} size="small" status={percent >= 90 ? "exception" : "normal"} aria-label={label} />
    </Flex>
  );
}

/** Every pool: how much it has after overcommit, what is promised, and whether it survives the loss of a host. */
export function Component() {
  const words = useWords();
  const columns: TableColumnsType<Pool> = [
    { title: words("region"), dataIndex: "region" },
    { title: words("pool"), dataIndex: "name" },
    { title: words("hypervisor"), dataIndex: "hypervisor" },
    { title: words("hosts"), dataIndex: "hosts", align: "right" },
    {
      title: "vCPU",
      render: (_, pool) => (
        <Share
          size={pool.size.vcpus}
          free={pool.free.vcpus}
          label={`${pool.size.vcpus - pool.free.vcpus} / ${pool.size.vcpus} (×${pool.cpu_ratio})`}
        />
      ),
    },
    {
      title: words("memory"),
      render: (_, pool) => (
        <Share
          size={pool.size.memory_mib}
          free={pool.free.memory_mib}
          label={`${memory(pool.size.memory_mib - pool.free.memory_mib)} / ${memory(pool.size.memory_mib)}`}
        />
      ),
    },
    {
      title: words("disk"),
      render: (_, pool) => (
        <Share
          size={pool.size.disk_gib}
          free={pool.free.disk_gib}
          label={`${pool.size.disk_gib - pool.free.disk_gib} / ${pool.size.disk_gib} GiB`}
        />
      ),
    },
    { title: words("held"), render: (_, pool) => `${pool.held.vcpus} vCPU, ${memory(pool.held.memory_mib)}` },
    {
      title: "N+1",
      dataIndex: "survives_a_host",
      render: (survives: boolean) => (
        <Tag color={survives ? "success" : "error"}>{words(survives ? "capacity.survives" : "capacity.at_risk")}</Tag>
      ),
    },
  ];
  return (
    <Page title={words("menu.capacity")}>
      <Listing
        queryKey={["capacity"]}
        read={(after) =>
          answer(
            api.GET("/v1/capacity", { params: { query: { limit: 50, ...(after && { after }) } }, headers: BACKGROUND }),
          )
        }
        columns={columns}
        rowKey="pool_id"
      />
    </Page>
  );
}
