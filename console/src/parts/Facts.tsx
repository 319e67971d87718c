import { Card, Descriptions, Flex } from "antd";

import { useNames } from "../language/setup";

type Facts = Record<string, unknown>;

function isText(value: unknown): value is string | number {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}

function listOf(value: unknown): Facts[] {
  return Array.isArray(value) ? value.filter((each): each is Facts => typeof each === "object" && each !== null) : [];
}

/** What an approver reads: what is asked for, what it costs, what is held for it; nested lists become cards. */
export function FactSheet({ facts, depth = 0 }: { facts: Facts; depth?: number }) {
  const named = useNames();
  const plain = Object.entries(facts).filter(([, value]) => isText(value));
  const lists = Object.entries(facts).map(([name, value]) => [name, listOf(value)] as const);
  return (
    <Flex vertical gap="small">
      <Descriptions
        size="small"
        column={{ xs: 1, md: depth === 0 ? 2 : 3 }}
        items={plain.map(([name, value]) => ({
          key: name,
          label: named("fact", name),
          children: name === "kind" ? named("kind", String(value)) : String(value),
        }))}
      />
      {lists.flatMap(([name, entries]) =>
        entries.map((entry, position) => (
          <Card key={`${name}-${position}`} size="small" type="inner">
            <FactSheet facts={entry} depth={depth + 1} />
          </Card>
        )),
      )}
    </Flex>
  );
}
