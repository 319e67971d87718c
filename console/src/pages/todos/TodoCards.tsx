import { useQuery } from "@tanstack/react-query";
import { Button, Card, Collapse, Empty, Flex, Input, Modal, Skeleton, Space, Tag, Typography } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { useRefresh } from "../../live/stream";
import { useDoing } from "../../parts/Doing";
import { FactSheet } from "../../parts/Facts";
import { Moment } from "../../parts/Moment";
import { Trouble } from "../../parts/Trouble";

type Todo = Schemas["TodoView"];
type Verb = "approve" | "reject" | "return";

const REFRESH_MS = 15_000;
const SHOWN = 50;

/** What waits for one's word, the oldest first, or for one chain: all that one needs to decide, and two taps for it. */
export function TodoCards({ quiet = false, chain }: { quiet?: boolean; chain?: string }) {
  const words = useWords();
  const todos = useQuery({
    queryKey: ["todos"],
    queryFn: () => answer(api.GET("/v1/todos", { params: { query: { limit: SHOWN } }, headers: BACKGROUND })),
    refetchInterval: useRefresh(REFRESH_MS),
  });
  if (todos.isPending) return quiet ? null : <Skeleton active />;
  if (todos.error && !todos.data) return <Trouble error={todos.error} again={() => void todos.refetch()} />;
  const waiting = todos.data.items.filter((todo) => chain === undefined || todo.chain_id === chain);
  if (waiting.length === 0) return quiet ? null : <Empty description={words("todo.none")} />;
  return (
    <Flex vertical gap="middle">
      {waiting.map((todo) => (
        <TodoCard key={todo.assignment_id} todo={todo} />
      ))}
    </Flex>
  );
}

function TodoCard({ todo }: { todo: Todo }) {
  const words = useWords();
  const [asked, setAsked] = useState<Verb | null>(null);
  const { items, ...head } = todo.facts;
  const cost = head["monthly_cost"];
  return (
    <Card
      title={todo.title}
      extra={typeof cost === "string" ? <Typography.Text strong>{words("per_month", { cost })}</Typography.Text> : null}
      actions={[
        <Flex key="verbs" justify="end" gap="small" wrap style={{ paddingInline: 16 }}>
          <Button onClick={() => setAsked("return")}>{words("todo.return")}</Button>
          <Button danger onClick={() => setAsked("reject")}>
            {words("todo.reject")}
          </Button>
          <Button type="primary" onClick={() => setAsked("approve")}>
            {words("todo.approve")}
          </Button>
        </Flex>,
      ]}
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
        </Space>
        <Typography.Text type="secondary">{words("todo.why", { reason: todo.reason })}</Typography.Text>
        <FactSheet facts={{ items }} />
        <Collapse
          ghost
          size="small"
          items={[{ key: "all", label: words("todo.everything"), children: <FactSheet facts={head} /> }]}
        />
        <Link to={`/approvals/${todo.chain_id}`}>{words("todo.chain")}</Link>
      </Flex>
      {asked ? <Decision todo={todo} verb={asked} close={() => setAsked(null)} /> : null}
    </Card>
  );
}

/** Ask once more, with room for a word; a no needs its reason. What is sent binds to what was shown. */
function Decision({ todo, verb, close }: { todo: Todo; verb: Verb; close: () => void }) {
  const words = useWords();
  const [comment, setComment] = useState("");
  const decide = useDoing(
    async () => {
      const body = { digest: todo.digest, comment };
      const params = { path: { assignment_id: todo.assignment_id } };
      if (verb === "approve") return answer(api.POST("/v1/assignments/{assignment_id}/approve", { params, body }));
      if (verb === "reject") return answer(api.POST("/v1/assignments/{assignment_id}/reject", { params, body }));
      return answer(api.POST("/v1/assignments/{assignment_id}/return", { params, body }));
    },
    words(`todo.done.${verb}`),
  );
  const lacking = verb !== "approve" && comment.trim() === "";
  return (
    <Modal
      open
      title={words(`todo.sure.${verb}`)}
      okText={words(`todo.${verb}`)}
      cancelText={words("cancel")}
      okButtonProps={{ danger: verb === "reject", disabled: lacking }}
      confirmLoading={decide.isPending}
      onOk={() => decide.mutate(undefined, { onSettled: close })}
      onCancel={close}
    >
      <Typography.Paragraph>{todo.title}</Typography.Paragraph>
      <label htmlFor="comment">{words(verb === "approve" ? "todo.comment" : "todo.reason")}</label>
      <Input.TextArea
        id="comment"
        value={comment}
        maxLength={2000}
        rows={3}
        onChange={(typed) => setComment(typed.target.value)}
      />
    </Modal>
  );
}
