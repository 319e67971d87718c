import { useQuery } from "@tanstack/react-query";
import { Space } from "antd";
import { useNavigate } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { readWhole } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { type Answered, useAnswered } from "../../parts/answered";
import { Ask } from "../../parts/Ask";
import { memory } from "../../parts/Size";

type Server = Schemas["ServerDetail"];

/** What can be done to a server; each is an operation, or an order where the policy wants a yes for it. */
export function Verbs({ server }: { server: Server }) {
  const me = useMe();
  if (!me.may("server.operate")) return null;
  return <Space wrap>{server.state === "recycled" ? <Recycled server={server} /> : <Living server={server} />}</Space>;
}

function Living({ server }: { server: Server }) {
  const words = useWords();
  const me = useMe();
  const answered = useAnswered();
  const busy = server.operation_id !== null;
  const params = { path: { server_id: server.id } };
  const active = server.state === "active";
  return (
    <>
      <Ask<Answered>
        word="server.start"
        sure={words("server.start.sure")}
        button={{ disabled: busy || server.state !== "stopped" }}
        work={() => answer<Answered>(api.POST("/v1/servers/{server_id}/start", { params }))}
        then={answered}
      />
      <Ask<Answered>
        word="server.reboot"
        sure={words("server.reboot.sure")}
        fields={[{ name: "hard", word: "server.reboot.hard", kind: "switch", initial: false }]}
        button={{ disabled: busy || !active }}
        work={(given) =>
          answer<Answered>(api.POST("/v1/servers/{server_id}/reboot", { params, body: { hard: given.flag("hard") } }))
        }
        then={answered}
      />
      <Ask<Answered>
        word="server.stop"
        sure={words("server.stop.sure")}
        button={{ danger: true, disabled: busy || !active }}
        work={() => answer<Answered>(api.POST("/v1/servers/{server_id}/stop", { params }))}
        then={answered}
      />
      <Resize server={server} />
      {me.may("order.write") ? <Extend server={server} /> : null}
      <Ask<Answered>
        word="server.delete"
        sure={words("server.delete.sure")}
        button={{ danger: true, disabled: busy }}
        work={() => answer<Answered>(api.DELETE("/v1/servers/{server_id}", { params }))}
        then={answered}
      />
    </>
  );
}

function Resize({ server }: { server: Server }) {
  const words = useWords();
  const answered = useAnswered();
  const flavors = useQuery({ queryKey: ["flavors"], queryFn: () => readWhole("/v1/flavors") });
  const options = (flavors.data ?? [])
    .filter((flavor) => flavor.active && flavor.code !== server.flavor && flavor.regions.includes(server.region))
    .map((flavor) => ({
      value: flavor.code,
      label: `${flavor.name}: ${flavor.vcpus} vCPU, ${memory(flavor.memory_mib)}, ${flavor.disk_gib} GiB`,
    }));
  return (
    <Ask<Answered>
      word="server.resize"
      sure={words("server.resize.sure")}
      fields={[{ name: "flavor", word: "flavor", kind: "choice", options }]}
      button={{ disabled: server.operation_id !== null || options.length === 0 }}
      work={(given) =>
        answer<Answered>(
          api.POST("/v1/servers/{server_id}/resize", {
            params: { path: { server_id: server.id } },
            body: { flavor: given.text("flavor") },
          }),
        )
      }
      then={answered}
    />
  );
}

/** A longer lease is ordered, as everything that costs is. */
function Extend({ server }: { server: Server }) {
  const navigate = useNavigate();
  const { hostname, project } = server;
  return (
    <Ask
      word="server.extend"
      fields={[
        { name: "until", word: "until", kind: "date", optional: true, hint: "until.hint" },
        { name: "purpose", word: "purpose", most: 500 },
      ]}
      button={{ disabled: server.expires_at === null }}
      work={(given) =>
        answer(
          api.POST("/v1/orders", {
            body: {
              project,
              purpose: given.text("purpose"),
              until: given.maybe("until"),
              items: [{ kind: "lease-extension", hostname }],
            },
          }),
        )
      }
      then={(order) => void navigate(`/orders/${order.id}`)}
    />
  );
}

function Recycled({ server }: { server: Server }) {
  const words = useWords();
  const answered = useAnswered();
  const params = { path: { server_id: server.id } };
  const busy = server.operation_id !== null;
  return (
    <>
      <Ask
        word="server.restore"
        sure={words("server.restore.sure")}
        button={{ type: "primary", disabled: busy }}
        work={() => answer(api.POST("/v1/servers/{server_id}/restore", { params }))}
        then={answered}
      />
      <Ask
        word="server.purge"
        sure={words("server.purge.sure")}
        fields={[{ name: "with_volumes", word: "server.purge.volumes", kind: "switch", initial: false }]}
        button={{ danger: true, disabled: busy }}
        work={(given) =>
          answer(
            api.POST("/v1/servers/{server_id}/purge", { params, body: { with_volumes: given.flag("with_volumes") } }),
          )
        }
        then={answered}
      />
    </>
  );
}
