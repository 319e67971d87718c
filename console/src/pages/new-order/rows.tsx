import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input, InputNumber, Select } from "antd";

import { useWords } from "../../language/setup";
import type { Option } from "./choices";

/** Data volumes of a server, one a line. */
export function VolumeRows({ at, tiers }: { at: number; tiers: Option[] }) {
  const words = useWords();
  const needed = [{ required: true, message: words("needed") }];
  return (
    <Form.List name={[at, "volumes"]}>
      {(fields, { add, remove }) => (
        <Form.Item label={words("menu.volumes")}>
          {fields.map(({ key, name }) => (
            <Flex key={key} gap="small" align="baseline">
              <Form.Item name={[name, "tier"]} rules={needed} style={{ minWidth: 160 }}>
                <Select aria-label={words("tier")} placeholder={words("tier")} options={tiers} />
              </Form.Item>
              <Form.Item name={[name, "size_gib"]} rules={needed}>
                <InputNumber aria-label={words("size_gib")} min={1} max={65536} suffix="GiB" />
              </Form.Item>
              <Remove remove={() => remove(name)} />
            </Flex>
          ))}
          <Button icon={<PlusOutlined />} onClick={() => add({ size_gib: 10 })}>
            {words("volume.add")}
          </Button>
        </Form.Item>
      )}
    </Form.List>
  );
}

/** What a security group lets in, one rule a line. */
export function Rules({ at }: { at: number }) {
  const words = useWords();
  return (
    <Form.List name={[at, "rules"]}>
      {(fields, { add, remove }) => (
        <Form.Item label={words("rules")}>
          {fields.map(({ key, name }) => (
            <Flex key={key} gap="small" align="baseline" wrap>
              <Form.Item name={[name, "direction"]} style={{ width: 100 }}>
                <Select
                  aria-label={words("rule.direction")}
                  options={[
                    { value: "ingress", label: words("rule.in") },
                    { value: "egress", label: words("rule.out") },
                  ]}
                />
              </Form.Item>
              <Form.Item name={[name, "protocol"]} style={{ width: 90 }}>
                <Select
                  aria-label={words("rule.protocol")}
                  options={["tcp", "udp", "icmp"].map((value) => ({ value, label: value }))}
                />
              </Form.Item>
              <Form.Item name={[name, "port_min"]}>
                <InputNumber aria-label={words("rule.from")} placeholder={words("rule.from")} min={1} max={65535} />
              </Form.Item>
              <Form.Item name={[name, "port_max"]}>
                <InputNumber aria-label={words("rule.to")} placeholder={words("rule.to")} min={1} max={65535} />
              </Form.Item>
              <Form.Item name={[name, "remote_cidr"]}>
                <Input aria-label={words("rule.remote")} placeholder="10.0.0.0/8" maxLength={43} />
              </Form.Item>
              <Remove remove={() => remove(name)} />
            </Flex>
          ))}
          <Button icon={<PlusOutlined />} onClick={() => add({ direction: "ingress", protocol: "tcp" })}>
            {words("rule.add")}
          </Button>
        </Form.Item>
      )}
    </Form.List>
  );
}

function Remove({ remove }: { remove: () => void }) {
  const words = useWords();
  return <Button type="text" icon={<MinusCircleOutlined />} aria-label={words("remove")} onClick={remove} />;
}
