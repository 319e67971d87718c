import { Tag, Tooltip } from "antd";
import { Link } from "react-router";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { useAnswered } from "../parts/answered";
import { Ask } from "../parts/Ask";
import { useColumns } from "../parts/columns";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { memory } from "../parts/Size";

type Host = RowOf<"/v1/hosts">;

export function Component() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<Host>();
  const [region, setRegion] = useFilter("region");
  const [pool] = useFilter("pool");
  return (
    <Page title={words("menu.hosts")}>
      <Listing
        list="/v1/hosts"
        family="hosts"
        query={{ region, pool }}
        filters={<Search word="region" value={region} choose={setRegion} />}
        columns={[
          column.text("name", "name"),
          column.text("hypervisor", "hypervisor"),
          column.show("standing", "state", (host) => <Standing host={host} />),
          {
            ...column.show("vcpus", "vcpus", (host) => `${host.used_vcpus} / ${host.vcpus} ×${host.cpu_ratio}`),
            align: "right",
          },
          {
            ...column.show(
              "memory",
              "memory",
              (host) => `${memory(host.used_memory_mib)} / ${memory(host.memory_mib)}`,
            ),
            align: "right",
          },
          {
            ...column.show("disk", "disk", (host) => `${host.used_disk_gib} / ${host.disk_gib} GiB`),
            align: "right",
          },
          column.at("seen_at", "seen"),
          ...(me.may("operation.operate") ? [column.verbs((host) => <Verbs host={host} />)] : []),
        ]}
        rowKey="id"
      />
    </Page>
  );
}

function Standing({ host }: { host: Host }) {
  const words = useWords();
  const { maintenance } = host;
  if (maintenance)
    return (
      <Tooltip title={`${maintenance.by}: ${maintenance.reason}`}>
        <Link to={`/operations/${maintenance.operation_id}`}>
          <Tag color="warning">{words("host.maintenance")}</Tag>
        </Link>
      </Tooltip>
    );
  if (!host.up) return <Tag color="error">{words("host.down")}</Tag>;
  return host.enabled ? <Tag color="success">{words("host.up")}</Tag> : <Tag>{words("host.closed")}</Tag>;
}

function Verbs({ host }: { host: Host }) {
  const words = useWords();
  const answered = useAnswered();
  const params = { path: { host_id: host.id } };
  if (host.maintenance)
    return (
      <Ask
        word="host.end"
        button={{ size: "small" }}
        sure={words("host.end.sure", { name: host.name })}
        work={() => answer(api.POST("/v1/hosts/{host_id}/end-maintenance", { params }))}
        then={answered}
      />
    );
  return (
    <Ask
      word="host.maintain"
      button={{ size: "small", danger: true }}
      sure={words("host.maintain.sure", { name: host.name })}
      fields={[
        { name: "reason", word: "reason", most: 200 },
        { name: "force", word: "host.force", kind: "switch", initial: false, hint: "host.force.hint" },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/hosts/{host_id}/maintain", {
            params,
            body: { reason: given.text("reason"), force: given.flag("force") },
          }),
        )
      }
      then={answered}
    />
  );
}
