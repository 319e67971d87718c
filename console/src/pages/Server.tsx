import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Card, Descriptions, Flex, Popconfirm, Skeleton, Table, Typography } from "antd";
import { useNavigate, useParams } from "react-router";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { useRefresh } from "../live/stream";
import { useDoing } from "../parts/Doing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Size } from "../parts/Size";
import { StateTag } from "../parts/StateTag";
import { Trouble } from "../parts/Trouble";
import { OperationSteps } from "./orders/OperationSteps";
import { Screen } from "./servers/Screen";
import { SerialLog } from "./servers/SerialLog";

const REFRESH_MS = 5_000;

export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  const me = useMe();
  const server = useQuery({
    queryKey: ["server", id],
    queryFn: () =>
      answer(api.GET("/v1/servers/{server_id}", { params: { path: { server_id: id } }, headers: BACKGROUND })),
    refetchInterval: useRefresh(REFRESH_MS),
  });
  if (server.isPending) return <Skeleton active />;
  if (!server.data) return <Trouble error={server.error} again={() => void server.refetch()} />;
  const { data } = server;
  return (
    <Page title={data.hostname} actions={<Verbs id={id} state={data.state} busy={data.operation_id !== null} />}>
      {data.simulated ? <Alert type="warning" showIcon title={words("simulated")} /> : null}
      {data.purge_at ? (
        <Alert
          type="warning"
          showIcon
          title={
            <>
              {words("server.purged")} <Moment at={data.purge_at} />
            </>
          }
        />
      ) : null}
      <Card>
        <Descriptions
          column={{ xs: 1, md: 2, xl: 3 }}
          items={[
            { key: "state", label: words("state"), children: <StateTag state={data.state} /> },
            {
              key: "address",
              label: words("address"),
              children: <Typography.Text copyable>{data.address}</Typography.Text>,
            },
            {
              key: "size",
              label: words("flavor"),
              children: <Size vcpus={data.vcpus} mib={data.memory_mib} gib={data.disk_gib} />,
            },
            { key: "image", label: words("image"), children: data.image },
            {
              key: "login",
              label: words("server.login"),
              children: <Typography.Text copyable>{`${data.login_user}@${data.address}`}</Typography.Text>,
            },
            { key: "network", label: words("network"), children: data.network },
            { key: "project", label: words("project"), children: data.project },
            { key: "region", label: words("region"), children: `${data.region} / ${data.pool}` },
            { key: "purpose", label: words("purpose"), children: data.purpose },
            { key: "created", label: words("created"), children: <Moment at={data.created_at} /> },
            { key: "until", label: words("until"), children: <Moment at={data.expires_at} /> },
          ]}
        />
      </Card>
      {data.operation_id ? (
        <Card title={words("server.under_way")}>
          <OperationSteps id={data.operation_id} />
        </Card>
      ) : null}
      <Card title={words("menu.volumes")}>
        <Table
          dataSource={data.volumes}
          rowKey="volume_id"
          pagination={false}
          columns={[
            { title: words("name"), dataIndex: "name" },
            { title: words("tier"), dataIndex: "tier" },
            { title: "GiB", dataIndex: "size_gib", align: "right" },
            { title: words("device"), dataIndex: "device", render: (device: string | null) => device ?? "–" },
          ]}
        />
      </Card>
      {me.may("server.console") ? <Screen serverId={id} simulated={data.simulated} /> : null}
      {me.may("server.console") ? <SerialLog serverId={id} /> : null}
    </Page>
  );
}

type Answered = Schemas["OperationView"] | Schemas["OrderInsteadView"];

/** Start, stop and reboot; where the policy wants a yes for it, an order is made of it and shown. */
function Verbs({ id, state, busy }: { id: string; state: string; busy: boolean }) {
  const words = useWords();
  const me = useMe();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const params = { path: { server_id: id } };
  const start = useDoing(() => answer<Answered>(api.POST("/v1/servers/{server_id}/start", { params })));
  const stop = useDoing(() => answer<Answered>(api.POST("/v1/servers/{server_id}/stop", { params })));
  const reboot = useDoing(() =>
    answer<Answered>(api.POST("/v1/servers/{server_id}/reboot", { params, body: { hard: false } })),
  );
  const then = {
    onSuccess: (answered: Answered) => {
      const ordered = "number" in answered;
      void message.info(words(ordered ? "server.ordered_instead" : "server.asked"));
      if (ordered) void navigate(`/orders/${answered.id}`);
    },
  };
  if (!me.may("server.operate")) return null;
  return (
    <Flex gap="small">
      <Button disabled={busy || state !== "stopped"} onClick={() => start.mutate(undefined, then)}>
        {words("server.start")}
      </Button>
      <Popconfirm title={words("server.reboot.sure")} onConfirm={() => reboot.mutate(undefined, then)}>
        <Button disabled={busy || state !== "active"}>{words("server.reboot")}</Button>
      </Popconfirm>
      <Popconfirm title={words("server.stop.sure")} onConfirm={() => stop.mutate(undefined, then)}>
        <Button danger disabled={busy || state !== "active"}>
          {words("server.stop")}
        </Button>
      </Popconfirm>
    </Flex>
  );
}
