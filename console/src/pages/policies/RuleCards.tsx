import { Card, Descriptions, Flex, Tag, Timeline } from "antd";

import type { Schemas } from "../../api/client";
import { useNames, useWords } from "../../language/setup";

type Rule = Schemas["PolicyRule"];
type Approver = Schemas["StageRule"]["approvers"][number];

/** Rules in the order in which they are tried; the first that fits decides. */
export function RuleCards({ rules }: { rules: readonly Rule[] }) {
  const words = useWords();
  return (
    <Flex vertical gap="small">
      {rules.map((rule, position) => (
        <Card key={rule.name} size="small" title={`${position + 1}. ${rule.name}`}>
          <When conditions={rule.when} />
          {rule.approval === "none" ? (
            <Tag color="success">{words("policy.no_approval")}</Tag>
          ) : (
            <Timeline
              style={{ marginTop: 12 }}
              items={(rule.stages ?? []).map((stage, index) => ({
                content: <StageLine stage={stage} number={index + 1} />,
              }))}
            />
          )}
        </Card>
      ))}
    </Flex>
  );
}

function When({ conditions }: { conditions: Rule["when"] }) {
  const words = useWords();
  const named = useNames();
  const given = Object.entries(conditions ?? {}).filter(
    ([, value]) => value !== null && (!Array.isArray(value) || value.length > 0),
  );
  if (given.length === 0) return <Tag>{words("policy.always")}</Tag>;
  return (
    <Descriptions
      size="small"
      column={{ xs: 1, md: 2 }}
      items={given.map(([name, value]) => ({
        key: name,
        label: named("condition", name),
        children: Array.isArray(value)
          ? value.map((each) => <Tag key={each}>{named("kind", each)}</Tag>)
          : String(value),
      }))}
    />
  );
}

function StageLine({ stage, number }: { stage: Schemas["StageRule"]; number: number }) {
  const words = useWords();
  const said = useApproverWords();
  return (
    <Flex gap="small" wrap align="center">
      <strong>{words("chain.stage", { number })}</strong>
      {stage.approvers.map((approver, position) => (
        <Tag key={position}>{said(approver)}</Tag>
      ))}
      {stage.needs === "all" ? <Tag>{words("policy.all")}</Tag> : null}
      {typeof stage.needs === "number" ? <Tag>{words("policy.some", { number: stage.needs })}</Tag> : null}
      {stage.due ? <Tag>{words("policy.due", { hours: stage.due.hours })}</Tag> : null}
    </Flex>
  );
}

function useApproverWords(): (approver: Approver) => string {
  const words = useWords();
  const named = useNames();
  return (approver) => {
    switch (approver.by) {
      case "person":
        return approver.login;
      case "role":
        return `${named("role", approver.role)} (${named("scope", approver.scope)})`;
      case "applicants-manager":
        return words("policy.manager", { levels: approver.levels });
      case "department-head":
        return approver.department
          ? words("policy.head_of", { department: approver.department })
          : words("policy.head");
      case "pool-owner":
        return words("policy.pool_owner");
      case "leader-of-stage":
        return words("policy.leader", { stage: approver.stage });
    }
  };
}
