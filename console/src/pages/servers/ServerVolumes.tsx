import { useQuery } from "@tanstack/react-query";
import { Card, Table } from "antd";

import { answer, api, type Schemas } from "../../api/client";
import { readWhole } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { useAnswered } from "../../parts/answered";
import { Ask } from "../../parts/Ask";

type Server = Schemas["ServerDetail"];

export function ServerVolumes({ server }: { server: Server }) {
  const words = useWords();
  const me = useMe();
  const operate = me.may("server.operate");
  return (
    <Card title={words("menu.volumes")} extra={operate ? <Attach server={server} /> : null}>
      <Table
        size="small"
        dataSource={server.volumes}
        rowKey="volume_id"
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: words("server.no_volumes") }}
        columns={[
          { title: words("name"), dataIndex: "name" },
          { title: words("tier"), dataIndex: "tier" },
          { title: words("size_gib"), dataIndex: "size_gib", align: "right" },
          { title: words("device"), dataIndex: "device", render: (device: string | null) => device ?? "–" },
          {
            title: "",
            align: "right",
            render: (_, volume) => (operate ? <Detach server={server} volume={volume} /> : null),
          },
        ]}
      />
    </Card>
  );
}

function Attach({ server }: { server: Server }) {
  const answered = useAnswered();
  const free = useQuery({
    queryKey: ["volumes", "free", server.project],
    queryFn: () => readWhole("/v1/volumes", { project: server.project }),
  });
  const options = (free.data ?? [])
    .filter((volume) => volume.server === null && volume.region === server.region)
    .map((volume) => ({ value: volume.id, label: `${volume.name} (${volume.size_gib} GiB)` }));
  return (
    <Ask
      word="volume.attach"
      button={{ disabled: options.length === 0 || server.operation_id !== null }}
      fields={[{ name: "volume", word: "volume", kind: "choice", options }]}
      work={(given) =>
        answer(
          api.POST("/v1/servers/{server_id}/volumes", {
            params: { path: { server_id: server.id } },
            body: { volume_id: given.text("volume") },
          }),
        )
      }
      then={answered}
    />
  );
}

function Detach({ server, volume }: { server: Server; volume: Schemas["AttachmentView"] }) {
  const words = useWords();
  const answered = useAnswered();
  return (
    <Ask
      word="volume.detach"
      button={{ size: "small", danger: true, disabled: server.operation_id !== null }}
      sure={words("volume.detach.sure", { name: volume.name })}
      work={() =>
        answer(
          api.DELETE("/v1/servers/{server_id}/volumes/{volume_id}", {
            params: { path: { server_id: server.id, volume_id: volume.volume_id } },
          }),
        )
      }
      then={answered}
    />
  );
}
