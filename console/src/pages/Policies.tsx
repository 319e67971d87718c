import { Alert, Card, Flex, Tag, Typography } from "antd";
import { useState } from "react";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { useColumns } from "../parts/columns";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { Tabbed } from "../parts/Tabbed";
import { Calendar } from "./policies/Calendar";
import { Propose } from "./policies/Propose";
import { RuleCards } from "./policies/RuleCards";
import { Simulate } from "./policies/Simulate";

/** Who has to say yes to what: the rules in force, earlier ones, and what another set of rules would do. */
export function Component() {
  const words = useWords();
  const me = useMe();
  return (
    <Page title={words("menu.policies")}>
      <Tabbed
        tabs={[
          { key: "now", word: "policy.now", content: <Now /> },
          { key: "simulate", word: "policy.simulate", content: <Simulate /> },
          me.may("policy.manage") ? { key: "propose", word: "policy.propose", content: <ProposePage /> } : null,
          { key: "versions", word: "policy.versions", content: <Versions /> },
          { key: "calendar", word: "calendar", content: <Calendar /> },
        ]}
      />
    </Page>
  );
}

const readPolicy = () => answer(api.GET("/v1/approval-policy", { headers: BACKGROUND }));

function Now() {
  const words = useWords();
  return (
    <Seen queryKey={["policy"]} read={readPolicy}>
      {(policy) => (
        <Flex vertical gap="middle">
          <Flex gap="small" align="center">
            <Tag>{words("policy.number", { number: policy.number })}</Tag>
            <Typography.Text type="secondary">{policy.note}</Typography.Text>
          </Flex>
          <RuleCards rules={policy.rules} />
        </Flex>
      )}
    </Seen>
  );
}

function ProposePage() {
  const words = useWords();
  const [change, setChange] = useState<Schemas["ChangeView"] | null>(null);
  if (change) return <Alert type="success" showIcon title={words("change.waits")} description={change.title} />;
  return (
    <Seen queryKey={["policy"]} read={readPolicy} refresh={3_600_000}>
      {(policy) => (
        <Card>
          <Propose rules={policy.rules} done={setChange} />
        </Card>
      )}
    </Seen>
  );
}

function Versions() {
  const column = useColumns<RowOf<"/v1/approval-policy/versions">>();
  return (
    <Listing
      list="/v1/approval-policy/versions"
      family="policy"
      columns={[
        { ...column.text("number", "number"), width: 80 },
        column.text("note", "policy.note"),
        column.at("effective_from", "policy.from"),
        column.at("created_at", "created"),
        { ...column.show("rules", "rules", (version) => version.rules.length), align: "right" },
      ]}
      rowKey="number"
      more={(version) => <RuleCards rules={version.rules} />}
    />
  );
}
