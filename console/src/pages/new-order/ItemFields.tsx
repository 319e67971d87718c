import { Col, Form, Input, InputNumber, Row, Select } from "antd";
import type { ReactNode } from "react";

import { useWords, type Word } from "../../language/setup";
import type { Option, Options } from "./choices";
import type { Kind } from "./kinds";
import { Rules, VolumeRows } from "./rows";

interface Props {
  kind: Kind;
  /** Position of the item in the order. */
  at: number;
  options: Options;
  /** Host names of the same order's servers, for what is put on one of them. */
  hostnames: Option[];
}

export function ItemFields({ kind, at, options, hostnames }: Props) {
  const words = useWords();
  if (kind === "server") return <ServerFields at={at} options={options} />;
  if (kind === "volume")
    return (
      <Row gutter={16}>
        <Named at={at} field="name" word="name" />
        <Chosen at={at} field="region" word="region" options={options.regions} />
        <Chosen at={at} field="tier" word="tier" options={options.tiers} />
        <Cell at={at} field="size_gib" word="size_gib">
          <InputNumber min={1} max={65536} style={{ width: "100%" }} />
        </Cell>
        <Chosen at={at} field="attach_to" word="attach_to" options={hostnames} optional />
      </Row>
    );
  if (kind === "network")
    return (
      <Row gutter={16}>
        <Named at={at} field="code" word="code" />
        <Cell at={at} field="name" word="name" optional>
          <Input maxLength={255} />
        </Cell>
        <Chosen at={at} field="region" word="region" options={options.regions} />
        <Cell at={at} field="prefix_length" word="prefix_length">
          <InputNumber min={16} max={29} style={{ width: "100%" }} prefix="/" />
        </Cell>
      </Row>
    );
  if (kind === "router")
    return (
      <Row gutter={16}>
        <Named at={at} field="code" word="code" />
        <Cell at={at} field="networks" word="menu.networks">
          <Select mode="tags" options={options.networks} />
        </Cell>
        <Chosen at={at} field="external" word="router.external" options={options.external} optional />
      </Row>
    );
  if (kind === "floating-address")
    return (
      <Row gutter={16}>
        <Chosen at={at} field="network" word="router.external" options={options.external} />
        <Cell at={at} field="attach_to" word="attach_to" optional>
          <Input maxLength={63} placeholder={words("hostname")} />
        </Cell>
      </Row>
    );
  return (
    <>
      <Row gutter={16}>
        <Named at={at} field="code" word="code" />
        <Cell at={at} field="name" word="name" optional>
          <Input maxLength={255} />
        </Cell>
      </Row>
      <Rules at={at} />
    </>
  );
}

function ServerFields({ at, options }: { at: number; options: Options }) {
  const words = useWords();
  return (
    <>
      <Row gutter={16}>
        <Cell
          at={at}
          field="hostname"
          word="hostname"
          rules={[{ pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, message: words("hostname.rule") }]}
        >
          <Input maxLength={63} />
        </Cell>
        <Chosen at={at} field="flavor" word="flavor" options={options.flavors} />
        <Chosen at={at} field="image" word="image" options={options.images} />
        <Cell at={at} field="network" word="network">
          <Select showSearch={{ optionFilterProp: "label" }} options={options.networks} />
        </Cell>
        <Chosen at={at} field="security_group" word="security_group" options={options.groups} optional />
        <Chosen at={at} field="keypair" word="keypair" options={options.keypairs} optional />
        <Chosen at={at} field="server_group" word="server_group" options={options.together} optional />
        <Chosen at={at} field="zone" word="zone" options={options.zones} optional />
        <Cell at={at} field="address" word="address" optional>
          <Input maxLength={45} placeholder={words("address.chosen")} />
        </Cell>
      </Row>
      <VolumeRows at={at} tiers={options.tiers} />
    </>
  );
}

interface CellProps {
  at: number;
  field: string;
  word: Word;
  optional?: boolean;
  rules?: { pattern: RegExp; message: string }[];
  children?: ReactNode;
}

function Cell({ at, field, word, optional = false, rules = [], children }: CellProps) {
  const words = useWords();
  return (
    <Col xs={24} md={12}>
      <Form.Item
        name={[at, field]}
        label={words(word)}
        rules={[{ required: !optional, message: words("needed") }, ...rules]}
      >
        {children}
      </Form.Item>
    </Col>
  );
}

function Named(props: Omit<CellProps, "rules">) {
  const words = useWords();
  return (
    <Cell {...props} rules={[{ pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, message: words("code.rule") }]}>
      <Input maxLength={63} />
    </Cell>
  );
}

function Chosen({ options, ...props }: CellProps & { options: Option[] }) {
  return (
    <Cell {...props}>
      <Select allowClear={props.optional ?? false} showSearch={{ optionFilterProp: "label" }} options={options} />
    </Cell>
  );
}
