import { Table, Typography } from "antd";

import { answer, api, type Schemas } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { useAnswered } from "../../parts/answered";
import { Ask } from "../../parts/Ask";
import { NONE, useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

export function Groups() {
  const words = useWords();
  const me = useMe();
  const answered = useAnswered();
  const column = useColumns<RowOf<"/v1/security-groups">>();
  return (
    <Listing
      list="/v1/security-groups"
      family="groups"
      columns={[
        column.text("code", "code"),
        column.text("name", "name"),
        column.state("state"),
        { ...column.show("rules", "rules", (group) => group.rules.length), align: "right" },
        column.show("project", "project", (group) => group.project ?? words("shared")),
        ...(me.may("network.operate")
          ? [
              column.verbs((group) =>
                group.project ? (
                  <Ask
                    word="remove"
                    button={{ size: "small", danger: true }}
                    sure={words("group.delete.sure", { name: group.code })}
                    work={() =>
                      answer(api.DELETE("/v1/security-groups/{group_id}", { params: { path: { group_id: group.id } } }))
                    }
                    then={answered}
                  />
                ) : null,
              ),
            ]
          : []),
      ]}
      rowKey="id"
      more={(group) => <Rules rules={group.rules} />}
    />
  );
}

function Rules({ rules }: { rules: Schemas["Rule"][] }) {
  const words = useWords();
  if (rules.length === 0) return <Typography.Text type="secondary">{words("rules.none")}</Typography.Text>;
  return (
    <Table
      size="small"
      pagination={false}
      dataSource={rules.map((rule, position) => ({ ...rule, key: position }))}
      columns={[
        {
          title: words("rule.direction"),
          render: (_, rule) => words(rule.direction === "ingress" ? "rule.in" : "rule.out"),
        },
        { title: words("rule.protocol"), render: (_, rule) => rule.protocol ?? words("rule.any") },
        { title: words("rule.ports"), render: (_, rule) => portsOf(rule) ?? words("rule.any") },
        { title: words("rule.remote"), render: (_, rule) => rule.remote_cidr ?? rule.remote_group ?? NONE },
      ]}
    />
  );
}

function portsOf(rule: Schemas["Rule"]): string | null {
  if (rule.port_min == null) return null;
  return rule.port_min === rule.port_max ? String(rule.port_min) : `${rule.port_min}–${rule.port_max ?? ""}`;
}
