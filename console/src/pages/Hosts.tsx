import { Tag, type TableColumnsType } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useWords } from "../language/setup";
import { Listing } from "../parts/Listing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { memory } from "../parts/Size";

type Host = Schemas["HostView"];

export function Component() {
  const words = useWords();
  const columns: TableColumnsType<Host> = [
    { title: words("name"), dataIndex: "name" },
    { title: words("hypervisor"), dataIndex: "hypervisor" },
    { title: words("state"), render: (_, host) => <Standing host={host} /> },
    { title: "vCPU", align: "right", render: (_, host) => `${host.used_vcpus} / ${host.vcpus} ×${host.cpu_ratio}` },
    {
      title: words("memory"),
      align: "right",
      render: (_, host) => `${memory(host.used_memory_mib)} / ${memory(host.memory_mib)}`,
    },
    { title: words("disk"), align: "right", render: (_, host) => `${host.used_disk_gib} / ${host.disk_gib} GiB` },
    { title: words("seen"), dataIndex: "seen_at", render: (at: string) => <Moment at={at} /> },
  ];
  return (
    <Page title={words("menu.hosts")}>
      <Listing
        queryKey={["hosts"]}
        read={(after) =>
          answer(
            api.GET("/v1/hosts", { params: { query: { limit: 50, ...(after && { after }) } }, headers: BACKGROUND }),
          )
        }
        columns={columns}
        rowKey="id"
      />
    </Page>
  );
}

function Standing({ host }: { host: Host }) {
  const words = useWords();
  if (host.maintenance) return <Tag color="warning">{words("host.maintenance")}</Tag>;
  if (!host.up) return <Tag color="error">{words("host.down")}</Tag>;
  return host.enabled ? <Tag color="success">{words("host.up")}</Tag> : <Tag>{words("host.closed")}</Tag>;
}
