import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Empty, Flex, Table, type TableColumnsType } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";

import { useWords } from "../language/setup";
import { useRefresh } from "../live/stream";
import { Trouble } from "./Trouble";

export interface PageOf<Row> {
  items: Row[];
  next?: string | null;
}

const REFRESH_MS = 10_000;
const FIRST: readonly string[] = [];

interface Props<Row> {
  /** Name of the list, and the filters that it is asked with. */
  queryKey: readonly unknown[];
  read: (after: string | undefined) => Promise<PageOf<Row>>;
  columns: TableColumnsType<Row>;
  rowKey: keyof Row & string;
  open?: (row: Row) => string;
  empty?: string;
}

/** A table of a list that the server pages by key: forward, and back the way one came. */
export function Listing<Row extends object>({ queryKey, read, columns, rowKey, open, empty }: Props<Row>) {
  const words = useWords();
  const navigate = useNavigate();
  const [trail, setTrail] = useState(FIRST);
  const after = trail.at(-1);
  const list = useQuery({
    queryKey: [...queryKey, after],
    queryFn: () => read(after),
    placeholderData: keepPreviousData,
    refetchInterval: useRefresh(REFRESH_MS),
  });
  const table = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // a wide table scrolls; that has to work from the keyboard, too
    table.current?.querySelector<HTMLElement>(".ant-table-content")?.setAttribute("tabindex", "0");
  });
  if (list.error && !list.data) return <Trouble error={list.error} again={() => void list.refetch()} />;
  const following = list.data?.next ?? null;
  return (
    <Flex vertical gap="small" ref={table}>
      {list.error ? <Trouble error={list.error} again={() => void list.refetch()} /> : null}
      <Table<Row>
        columns={open ? linked(columns, open) : columns}
        dataSource={list.data?.items ?? []}
        rowKey={rowKey}
        loading={list.isPending}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty description={empty ?? words("nothing")} /> }}
        {...(open && {
          onRow: (row: Row) => ({ onClick: () => void navigate(open(row)), style: { cursor: "pointer" } }),
        })}
      />
      {trail.length > 0 || following ? (
        <Flex justify="end" gap="small">
          <Button disabled={trail.length === 0} onClick={() => setTrail(trail.slice(0, -1))}>
            {words("page.before")}
          </Button>
          <Button disabled={!following} onClick={() => following && setTrail([...trail, following])}>
            {words("page.next")}
          </Button>
        </Flex>
      ) : null}
    </Flex>
  );
}

/** Make each row's first cell the link to its page, for the keyboard and for another tab. */
function linked<Row extends object>(columns: TableColumnsType<Row>, open: (row: Row) => string): TableColumnsType<Row> {
  const [first, ...others] = columns;
  if (!first || !("dataIndex" in first)) return columns;
  const render = (value: unknown, row: Row, position: number) => {
    const shown = first.render ? first.render(value, row, position) : value;
    return <Link to={open(row)}>{shown as ReactNode}</Link>;
  };
  return [{ ...first, render }, ...others];
}
