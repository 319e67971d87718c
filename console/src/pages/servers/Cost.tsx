import { useQuery } from "@tanstack/react-query";
import { Card, Skeleton, Statistic, Table, Typography } from "antd";

import type { Schemas } from "../../api/client";
import { readWhole } from "../../api/lists";
import { useNames, useWords } from "../../language/setup";
import { Trouble } from "../../parts/Trouble";
import { costOf, moneyOf } from "./money";

/** What it costs a month at today's prices: its size, its address, and each volume by tier. */
export function Cost({ server }: { server: Schemas["ServerDetail"] }) {
  const words = useWords();
  const named = useNames();
  const prices = useQuery({ queryKey: ["prices"], queryFn: () => readWhole("/v1/prices") });
  if (prices.isPending) return <Skeleton active />;
  if (prices.error) return <Trouble error={prices.error} again={() => void prices.refetch()} />;
  const { parts, total, currency } = costOf(server, prices.data);
  return (
    <Card>
      <Statistic title={words("monthly")} value={total === null ? "–" : `${currency} ${moneyOf(total)}`} />
      <Table
        style={{ marginTop: 16 }}
        size="small"
        pagination={false}
        dataSource={parts}
        rowKey="key"
        columns={[
          { title: words("kind"), render: (_, part) => named("kind", part.kind) },
          { title: words("name"), dataIndex: "code" },
          { title: words("quantity"), dataIndex: "quantity", align: "right" },
          { title: words("price"), align: "right", render: (_, part) => part.price ?? words("price.none") },
          {
            title: words("monthly"),
            align: "right",
            render: (_, part) => (part.monthly === null ? "–" : moneyOf(part.monthly)),
          },
        ]}
      />
      <Typography.Text type="secondary">{words("server.cost.hint")}</Typography.Text>
    </Card>
  );
}
