import { Space, type TableColumnType, Typography } from "antd";
import type { ReactNode } from "react";

import { type Family, useNames, useWords, type Word } from "../language/setup";
import { Moment } from "./Moment";
import { StateTag } from "./StateTag";

export type Columns<Row> = Column<Row>[];
export interface Column<Row> extends Omit<TableColumnType<Row>, "title" | "key"> {
  key: string;
  title: string;
}

type Field<Row> = keyof Row & string;

export const NONE = "–";

/** Ways to make the columns of a table, all looking alike. */
export function useColumns<Row extends object>() {
  const words = useWords();
  const named = useNames();
  const show = (key: string, word: Word | "", render: (row: Row) => ReactNode): Column<Row> => ({
    key,
    title: word && words(word),
    render: (_, row) => render(row),
  });
  return {
    /** What is in a field, as it is. */
    text: (field: Field<Row>, word: Word): Column<Row> =>
      show(field, word, (row) => (row[field] as string | number | null) ?? NONE),
    /** A longer text of a person's, cut where there is no room. */
    long: (field: Field<Row>, word: Word): Column<Row> => ({
      ...show(field, word, (row) => (
        <Typography.Text ellipsis={{ tooltip: true }} style={{ maxWidth: 320 }}>
          {String(row[field] ?? NONE)}
        </Typography.Text>
      )),
    }),
    number: (field: Field<Row>, word: Word): Column<Row> => ({
      ...show(field, word, (row) => (row[field] as number | null) ?? NONE),
      align: "right",
    }),
    /** A name of a fixed set, in the reader's language. */
    named: (field: Field<Row>, word: Word, family: Family): Column<Row> =>
      show(field, word, (row) => (row[field] ? named(family, String(row[field])) : NONE)),
    state: (field: Field<Row>): Column<Row> =>
      show(field, "state", (row) => (row[field] ? <StateTag state={String(row[field])} /> : NONE)),
    at: (field: Field<Row>, word: Word): Column<Row> =>
      show(field, word, (row) => <Moment at={row[field] as string | null} />),
    /** An address, a code: taken along with a click, which opens nothing. */
    copy: (field: Field<Row>, word: Word): Column<Row> =>
      show(field, word, (row) => (row[field] ? <Copied text={String(row[field])} /> : NONE)),
    show,
    /** What can be done with a row; a click on it opens nothing. */
    verbs: (render: (row: Row) => ReactNode): Column<Row> => ({
      ...show("verbs", "", (row) => <Space onClick={(click) => click.stopPropagation()}>{render(row)}</Space>),
      align: "right",
    }),
  };
}

export function Copied({ text }: { text: string }) {
  return (
    <span onClick={(click) => click.stopPropagation()}>
      <Typography.Text copyable>{text}</Typography.Text>
    </span>
  );
}
