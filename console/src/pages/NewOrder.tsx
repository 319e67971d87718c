import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Card, Col, Flex, Form, Input, InputNumber, Row, Select, Spin, Statistic } from "antd";
import { useDeferredValue } from "react";
import { useNavigate } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { useWords } from "../language/setup";
import { useDoing } from "../parts/Doing";
import { Page } from "../parts/Page";
import { memory } from "../parts/Size";
import { Trouble } from "../parts/Trouble";

interface Wish {
  project: string;
  purpose: string;
  until?: string;
  hostname: string;
  flavor: string;
  image: string;
  network: string;
  keypair?: string;
  volumes?: { tier: string; size_gib: number }[];
}

const ALL = { params: { query: { limit: 500 } } } as const;

async function catalogue() {
  const [projects, flavors, images, networks, tiers, keypairs] = await Promise.all([
    answer(api.GET("/v1/projects", ALL)),
    answer(api.GET("/v1/flavors", ALL)),
    answer(api.GET("/v1/images", ALL)),
    answer(api.GET("/v1/networks", ALL)),
    answer(api.GET("/v1/storage-tiers", ALL)),
    answer(api.GET("/v1/keypairs", ALL)),
  ]);
  return { projects, flavors, images, networks, tiers, keypairs };
}

function orderOf(wish: Wish): Schemas["NewOrder"] {
  return {
    project: wish.project,
    purpose: wish.purpose,
    until: wish.until || null,
    items: [
      {
        kind: "server",
        hostname: wish.hostname,
        flavor: wish.flavor,
        image: wish.image,
        network: wish.network,
        keypair: wish.keypair ?? null,
        volumes: (wish.volumes ?? []).map((volume) => ({ tier: volume.tier, size_gib: volume.size_gib })),
      } as Schemas["ServerItem"],
    ],
  };
}

function isComplete(wish: Partial<Wish> | undefined): wish is Wish {
  const volumes = wish?.volumes ?? [];
  const named = wish?.project && wish.purpose && wish.hostname && wish.flavor && wish.image && wish.network;
  return (
    Boolean(named) && volumes.every((volume) => Boolean(volume) && Boolean(volume.tier) && Boolean(volume.size_gib))
  );
}

/** What one wants, with its price as one types; what the server refuses is said at its field. */
export function Component() {
  const words = useWords();
  const navigate = useNavigate();
  const [form] = Form.useForm<Wish>();
  const wish = useDeferredValue(Form.useWatch([], form) as Partial<Wish> | undefined);
  const choices = useQuery({ queryKey: ["catalogue"], queryFn: catalogue });
  const complete = isComplete(wish);
  const estimate = useQuery({
    queryKey: ["estimate", wish],
    enabled: complete,
    queryFn: () => answer(api.POST("/v1/orders/estimate", { body: orderOf(wish as Wish) })),
  });
  const submit = useDoing(
    async (given: Wish) =>
      answer(
        api.POST("/v1/orders", {
          body: orderOf(given),
          params: { header: { "Idempotency-Key": crypto.randomUUID() } },
        }),
      ),
    words("order.submitted"),
  );
  if (choices.isPending) return <Spin />;
  if (choices.error) return <Trouble error={choices.error} again={() => void choices.refetch()} />;
  const { projects, flavors, images, networks, tiers, keypairs } = choices.data;
  const refused = estimate.error instanceof Problem ? estimate.error : null;
  const needed = [{ required: true, message: words("needed") }];
  return (
    <Page title={words("order.new")}>
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={16}>
          <Card>
            <Form<Wish>
              form={form}
              layout="vertical"
              onFinish={(given) => submit.mutate(given, { onSuccess: (order) => void navigate(`/orders/${order.id}`) })}
            >
              <Form.Item name="project" label={words("project")} rules={needed}>
                <Select
                  showSearch={{ optionFilterProp: "label" }}
                  options={projects.items.map((each) => ({ value: each.code, label: `${each.name} (${each.code})` }))}
                />
              </Form.Item>
              <Form.Item name="purpose" label={words("purpose")} rules={needed}>
                <Input maxLength={500} />
              </Form.Item>
              <Form.Item
                name="hostname"
                label={words("hostname")}
                rules={[
                  ...needed,
                  { pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, message: words("hostname.rule") },
                ]}
              >
                <Input maxLength={63} />
              </Form.Item>
              <Row gutter={16}>
                <Col xs={24} md={12}>
                  <Form.Item name="flavor" label={words("flavor")} rules={needed}>
                    <Select
                      options={flavors.items
                        .filter((each) => each.active)
                        .map((each) => ({
                          value: each.code,
                          label: `${each.name}: ${each.vcpus} vCPU, ${memory(each.memory_mib)}, ${each.disk_gib} GiB`,
                        }))}
                    />
                  </Form.Item>
                </Col>
                <Col xs={24} md={12}>
                  <Form.Item name="image" label={words("image")} rules={needed}>
                    <Select options={images.items.map((each) => ({ value: each.code, label: each.name }))} />
                  </Form.Item>
                </Col>
                <Col xs={24} md={12}>
                  <Form.Item name="network" label={words("network")} rules={needed}>
                    <Select
                      options={networks.items.map((each) => ({
                        value: each.code,
                        label: `${each.name} (${each.region})`,
                      }))}
                    />
                  </Form.Item>
                </Col>
                <Col xs={24} md={12}>
                  <Form.Item name="keypair" label={words("keypair")}>
                    <Select
                      allowClear
                      options={keypairs.items.map((each) => ({ value: each.name, label: each.name }))}
                    />
                  </Form.Item>
                </Col>
              </Row>
              <Form.List name="volumes">
                {(fields, { add, remove }) => (
                  <Form.Item label={words("menu.volumes")}>
                    {fields.map(({ key, name }) => (
                      <Flex key={key} gap="small" align="baseline">
                        <Form.Item name={[name, "tier"]} rules={needed} style={{ minWidth: 160 }}>
                          <Select
                            aria-label={words("tier")}
                            placeholder={words("tier")}
                            options={tiers.items.map((each) => ({ value: each.code, label: each.name }))}
                          />
                        </Form.Item>
                        <Form.Item name={[name, "size_gib"]} rules={needed}>
                          <InputNumber aria-label="GiB" min={1} max={65536} suffix="GiB" />
                        </Form.Item>
                        <Button
                          type="text"
                          icon={<MinusCircleOutlined />}
                          aria-label={words("remove")}
                          onClick={() => remove(name)}
                        />
                      </Flex>
                    ))}
                    <Button icon={<PlusOutlined />} onClick={() => add({ size_gib: 10 })}>
                      {words("volume.add")}
                    </Button>
                  </Form.Item>
                )}
              </Form.List>
              <Form.Item name="until" label={words("until")} extra={words("until.hint")}>
                <Input type="date" style={{ width: 200 }} />
              </Form.Item>
              {refused ? (
                <Alert
                  type="warning"
                  showIcon
                  title={refused.message}
                  description={refused.document.hint}
                  style={{ marginBottom: 16 }}
                />
              ) : null}
              <Button type="primary" htmlType="submit" loading={submit.isPending}>
                {words("order.submit")}
              </Button>
            </Form>
          </Card>
        </Col>
        <Col xs={24} lg={8}>
          <Card title={words("monthly")}>
            {estimate.data ? (
              <Statistic
                value={estimate.data.monthly_cost ?? "–"}
                prefix={estimate.data.monthly_cost ? estimate.data.currency : ""}
              />
            ) : (
              words("estimate.hint")
            )}
          </Card>
        </Col>
      </Row>
    </Page>
  );
}
