import { Card, Descriptions } from "antd";
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { Copied } from "../../parts/columns";

export function NetworkFacts({ server }: { server: Schemas["ServerDetail"] }) {
  const words = useWords();
  return (
    <Card>
      <Descriptions
        column={{ xs: 1, md: 2 }}
        items={[
          {
            key: "address",
            label: words("address"),
            children: server.address ? <Copied text={server.address} /> : "–",
          },
          {
            key: "network",
            label: words("network"),
            children: server.network ? <Link to={`/networks/${server.network}`}>{server.network}</Link> : "–",
          },
          {
            key: "floating",
            label: words("floating"),
            children: <Link to="/networks?tab=floating">{words("show")}</Link>,
          },
          {
            key: "external",
            label: words("external_id"),
            children: server.external_id ? <Copied text={server.external_id} /> : "–",
          },
        ]}
      />
    </Card>
  );
}
