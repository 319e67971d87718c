import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Modal, Table, Tag, Typography } from "antd";
import { useState } from "react";

import { Problem } from "../api/problem";
import { useWords, type Word } from "../language/setup";

const AT_ONCE = 4;

interface Verb<Row> {
  word: Word;
  sure: Word;
  danger?: boolean;
  work: (row: Row) => Promise<unknown>;
}

interface Props<Row> {
  rows: Row[];
  nameOf: (row: Row) => string;
  verbs: readonly Verb<Row>[];
  done: () => void;
}

type Result = "waiting" | "done" | Error;

/** One verb for several rows, with what became of each. */
export function Bulk<Row extends { id: string }>({ rows, nameOf, verbs, done }: Props<Row>) {
  const words = useWords();
  const [asked, ask] = useState<{ verb: Verb<Row>; rows: Row[] } | null>(null);
  return (
    <>
      <Alert
        type="info"
        title={words("bulk.chosen", { number: rows.length })}
        action={
          <Flex gap="small">
            {verbs.map((verb) => (
              <Button
                key={verb.word}
                size="small"
                danger={verb.danger ?? false}
                onClick={() => ask({ verb, rows: [...rows] })}
              >
                {words(verb.word)}
              </Button>
            ))}
            <Button size="small" type="text" onClick={done}>
              {words("bulk.none")}
            </Button>
          </Flex>
        }
      />
      {asked ? <Course {...asked} nameOf={nameOf} close={() => ask(null)} done={done} /> : null}
    </>
  );
}

interface CourseProps<Row> {
  verb: Verb<Row>;
  rows: Row[];
  nameOf: (row: Row) => string;
  close: () => void;
  done: () => void;
}

function Course<Row extends { id: string }>({ verb, rows, nameOf, close, done }: CourseProps<Row>) {
  const words = useWords();
  const queries = useQueryClient();
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map());
  const [running, setRunning] = useState(false);
  const begun = results.size > 0;
  const failed = [...results.values()].filter((result) => result instanceof Error).length;

  const run = async () => {
    setRunning(true);
    setResults(new Map(rows.map((row) => [row.id, "waiting"])));
    const waiting = [...rows];
    const one = async () => {
      for (let row = waiting.shift(); row; row = waiting.shift()) {
        const { id } = row;
        const result: Result = await verb.work(row).then(
          () => "done",
          (wrong: unknown) => (wrong instanceof Error ? wrong : new Error(String(wrong))),
        );
        setResults((before) => new Map(before).set(id, result));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    setRunning(false);
    void queries.invalidateQueries();
  };
  const leave = () => {
    close();
    if (begun) done();
  };
  return (
    <Modal
      open
      title={`${words(verb.word)}: ${words("bulk.chosen", { number: rows.length })}`}
      okText={words(begun ? "close" : verb.word)}
      okButtonProps={{ danger: !begun && (verb.danger ?? false), disabled: running }}
      cancelButtonProps={{ hidden: begun }}
      cancelText={words("cancel")}
      onOk={begun ? leave : () => void run()}
      onCancel={() => running || leave()}
      width={640}
    >
      {begun ? null : <Typography.Paragraph>{words(verb.sure)}</Typography.Paragraph>}
      {begun && !running ? (
        <Alert
          style={{ marginBottom: 12 }}
          showIcon
          type={failed ? "warning" : "success"}
          title={words("bulk.ended", { done: rows.length - failed, failed })}
        />
      ) : null}
      <Table<Row>
        size="small"
        rowKey="id"
        dataSource={rows}
        pagination={false}
        scroll={{ y: 320 }}
        columns={[
          { title: words("name"), render: (_, row) => nameOf(row) },
          { title: words("bulk.result"), render: (_, row) => <Outcome result={results.get(row.id)} /> },
        ]}
      />
    </Modal>
  );
}

function Outcome({ result }: { result: Result | undefined }) {
  const words = useWords();
  if (result === undefined) return "–";
  if (result === "waiting") return <Tag color="processing">{words("bulk.waiting")}</Tag>;
  if (result === "done") return <Tag color="success">{words("bulk.asked")}</Tag>;
  return (
    <Typography.Text type="danger">
      {result instanceof Problem ? result.message : words("trouble.away")}
    </Typography.Text>
  );
}
