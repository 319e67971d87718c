import { useQuery } from "@tanstack/react-query";
import { Card, Collapse, Empty, Flex, Skeleton, Space, Tag, Typography } from "antd";
import { Link } from "react-router";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { useRefresh } from "../../live/stream";
import { FactSheet } from "../../parts/Facts";
import { Moment } from "../../parts/Moment";
import { Trouble } from "../../parts/Trouble";
import { Verbs } from "./Verbs";

type Todo = Schemas["TodoView"];

const REFRESH_MS = 15_000;
const SHOWN = 50;

interface Props {
  /** Show nothing where nothing waits. */
  quiet?: boolean;
  /** Only what belongs to one chain. */
  chain?: string;
  /** On a page that shows what is asked for already. */
  brief?: boolean;
}

/** What waits for one's word, the oldest first, or for one chain: all that one needs to decide, and two taps for it. */
export function TodoCards({ quiet = false, chain, brief = false }: Props) {
  const words = useWords();
  const todos = useQuery({
    queryKey: ["todos"],
    queryFn: () => answer(api.GET("/v1/todos", { params: { query: { limit: SHOWN } }, headers: BACKGROUND })),
    refetchInterval: useRefresh(REFRESH_MS),
  });
  if (todos.isPending) return quiet ? null : <Skeleton active />;
  if (todos.error && !todos.data) return <Trouble error={todos.error} again={() => void todos.refetch()} />;
  const waiting = todos.data.items.filter((todo) => chain === undefined || todo.chain_id === chain);
  if (waiting.length === 0)
    return quiet ? null : (
      <Card>
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={words("todo.none")} />
      </Card>
    );
  return (
    <Flex vertical gap="middle">
      {waiting.map((todo) => (
        <TodoCard key={todo.assignment_id} todo={todo} brief={brief} />
      ))}
    </Flex>
  );
}

function TodoCard({ todo, brief }: { todo: Todo; brief: boolean }) {
  const words = useWords();
  const { items, ...head } = todo.facts;
  const cost = head["monthly_cost"];
  return (
    <Card
      className="todo"
      title={todo.title}
      extra={typeof cost === "string" ? <Typography.Text strong>{words("per_month", { cost })}</Typography.Text> : null}
      actions={[<Verbs key="verbs" todo={todo} />]}
    >
      <Flex vertical gap="small">
        <Space wrap>
          <Typography.Text>
            {words("todo.asks", { who: todo.applicant ?? "–", what: todo.project_name })}
          </Typography.Text>
          <Moment at={todo.asked_at} />
          {todo.due_at ? (
            <Tag color="warning">
              {words("todo.due")} <Moment at={todo.due_at} />
            </Tag>
          ) : null}
          {todo.only_word ? <Tag color="processing">{words("todo.only_word")}</Tag> : null}
        </Space>
        <Typography.Text type="secondary">{words("todo.why", { reason: todo.reason })}</Typography.Text>
        {brief ? null : (
          <>
            <FactSheet facts={{ items }} />
            <Collapse
              ghost
              size="small"
              items={[{ key: "all", label: words("todo.everything"), children: <FactSheet facts={head} /> }]}
            />
            <Link to={`/approvals/${todo.chain_id}`}>{words("todo.chain")}</Link>
          </>
        )}
      </Flex>
    </Card>
  );
}
