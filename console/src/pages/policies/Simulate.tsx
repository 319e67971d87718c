import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Card, Col, Flex, Form, Input, InputNumber, Row, Select, Tag, Timeline, Typography } from "antd";

import { answer, api, type Schemas } from "../../api/client";
import { readWhole } from "../../api/lists";
import { useNames, useWords, type Word } from "../../language/setup";
import { Wrong } from "../../parts/Wrong";
import { readRules } from "./document";

type Sample = Schemas["Sample"];
interface Typed extends Omit<Sample, "draft"> {
  draft?: string;
}

const KINDS = [
  "server",
  "volume",
  "network",
  "router",
  "floating-address",
  "security-group",
  "resize",
  "release",
  "extend",
];
const AMOUNTS: readonly [keyof Sample, Word][] = [
  ["vcpus", "vcpus"],
  ["memory_gib", "policy.memory"],
  ["storage_gib", "policy.storage"],
  ["monthly_cost", "monthly"],
  ["lease_days", "policy.days"],
];

/** An order as it could be: which rule it meets, and who would be asked, each with the reason why. */
export function Simulate() {
  const words = useWords();
  const named = useNames();
  const projects = useQuery({ queryKey: ["projects", "all"], queryFn: () => readWhole("/v1/projects") });
  const people = useQuery({ queryKey: ["people", "all"], queryFn: () => readWhole("/v1/people") });
  const simulate = useMutation({
    mutationFn: ({ draft, ...sample }: Typed) =>
      answer(
        api.POST("/v1/approval-policy/simulate", {
          body: { ...sample, draft: draft ? { rules: readRules(draft) } : null },
        }),
      ),
  });
  const needed = [{ required: true, message: words("needed") }];
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} lg={12}>
        <Card>
          <Form<Typed>
            layout="vertical"
            initialValues={{ kinds: ["server"], vcpus: 2, memory_gib: 4, storage_gib: 40 }}
            onFinish={(typed) => simulate.mutate(typed)}
          >
            <Form.Item name="project" label={words("project")} rules={needed}>
              <Select
                showSearch={{ optionFilterProp: "label" }}
                options={(projects.data ?? []).map((each) => ({
                  value: each.code,
                  label: `${each.name} (${each.code})`,
                }))}
              />
            </Form.Item>
            <Form.Item name="applicant" label={words("applicant")} rules={needed}>
              <Select
                showSearch={{ optionFilterProp: "label" }}
                options={(people.data ?? []).map((each) => ({
                  value: each.login,
                  label: `${each.name} (${each.login})`,
                }))}
              />
            </Form.Item>
            <Form.Item name="kinds" label={words("kind")}>
              <Select mode="multiple" options={KINDS.map((kind) => ({ value: kind, label: named("kind", kind) }))} />
            </Form.Item>
            <Row gutter={16}>
              {AMOUNTS.map(([name, word]) => (
                <Col key={name} xs={12} md={8}>
                  <Form.Item name={name} label={words(word)}>
                    <InputNumber min={0} style={{ width: "100%" }} />
                  </Form.Item>
                </Col>
              ))}
            </Row>
            <Form.Item name="draft" label={words("policy.draft")} extra={words("policy.draft.hint")}>
              <Input.TextArea rows={4} spellCheck={false} className="code" />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={simulate.isPending}>
              {words("policy.simulate")}
            </Button>
          </Form>
        </Card>
      </Col>
      <Col xs={24} lg={12}>
        {simulate.error ? <Wrong problem={simulate.error} /> : null}
        {simulate.data ? (
          <Outcome found={simulate.data} />
        ) : (
          <Typography.Text type="secondary">{words("policy.simulate.hint")}</Typography.Text>
        )}
      </Col>
    </Row>
  );
}

function Outcome({ found }: { found: Schemas["SimulationView"] }) {
  const words = useWords();
  const named = useNames();
  return (
    <Card title={words("policy.outcome", { rule: found.rule })}>
      {found.stages.length === 0 ? <Tag color="success">{words("policy.no_approval")}</Tag> : null}
      <Timeline
        items={found.stages.map((stage) => ({
          content: (
            <Flex vertical gap={4}>
              <strong>
                {words("chain.stage", { number: stage.position })}{" "}
                <Tag>{words("chain.needed", { needed: stage.needed, of: stage.approvers.length })}</Tag>
              </strong>
              {stage.approvers.map((approver, position) => (
                <span key={position}>
                  {approver.name ?? named("role", approver.role ?? "")}{" "}
                  <Typography.Text type="secondary">{approver.reason}</Typography.Text>
                </span>
              ))}
            </Flex>
          ),
        }))}
      />
    </Card>
  );
}
