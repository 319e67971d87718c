import { Card, Descriptions, Flex } from "antd";

import type { Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { Copied } from "../../parts/columns";
import { Moment } from "../../parts/Moment";
import { Size } from "../../parts/Size";
import { StateTag } from "../../parts/StateTag";
import { OperationSteps } from "../orders/OperationSteps";

export function Overview({ server }: { server: Schemas["ServerDetail"] }) {
  const words = useWords();
  return (
    <Flex vertical gap="middle">
      {server.operation_id ? (
        <Card title={words("server.under_way")}>
          <OperationSteps id={server.operation_id} />
        </Card>
      ) : null}
      <Card>
        <Descriptions
          column={{ xs: 1, md: 2, xl: 3 }}
          items={[
            { key: "state", label: words("state"), children: <StateTag state={server.state} /> },
            {
              key: "address",
              label: words("address"),
              children: server.address ? <Copied text={server.address} /> : "–",
            },
            {
              key: "login",
              label: words("server.login"),
              children:
                server.login_user && server.address ? <Copied text={`${server.login_user}@${server.address}`} /> : "–",
            },
            {
              key: "size",
              label: words("flavor"),
              children: (
                <span>
                  {server.flavor ? `${server.flavor}: ` : ""}
                  <Size vcpus={server.vcpus} mib={server.memory_mib} gib={server.disk_gib} />
                </span>
              ),
            },
            { key: "image", label: words("image"), children: server.image ?? "–" },
            { key: "project", label: words("project"), children: server.project },
            { key: "purpose", label: words("purpose"), children: server.purpose },
            {
              key: "region",
              label: words("region"),
              children: [server.region, server.zone].filter(Boolean).join(" / "),
            },
            { key: "pool", label: words("pool"), children: server.pool ?? "–" },
            { key: "host", label: words("host"), children: server.host ?? "–" },
            { key: "ladder", label: words("ladder"), children: <StateTag state={server.ladder} /> },
            { key: "created", label: words("created"), children: <Moment at={server.created_at} /> },
            { key: "ready", label: words("server.ready"), children: <Moment at={server.ready_at} /> },
            { key: "until", label: words("until"), children: <Moment at={server.expires_at} /> },
          ]}
        />
      </Card>
    </Flex>
  );
}
