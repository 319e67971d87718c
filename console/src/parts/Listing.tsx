import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Empty, Flex, Table } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";

import { type ListPath, type QueryOf, readList, type RowOf } from "../api/lists";
import { useWords } from "../language/setup";
import { useRefresh } from "../live/stream";
import type { Columns } from "./columns";
import { shownOf, ViewTools } from "./ViewTools";
import { useFilter } from "./filters";
import { Trouble } from "./Trouble";

const REFRESH_MS = 10_000;
const FIRST: readonly string[] = [];

interface Props<Path extends ListPath> {
  list: Path;
  /** First word of the query's key: what is read again when something of this kind changed. */
  family: string;
  query?: Partial<QueryOf<Path>>;
  inPath?: Record<string, string>;
  columns: Columns<RowOf<Path>>;
  rowKey: (keyof RowOf<Path> & string) | ((row: RowOf<Path>) => string);
  open?: (row: RowOf<Path>) => string;
  empty?: string;
  /** Fields that the list is searched by, left of its tools. */
  filters?: ReactNode;
  /** What can be done with several rows at once. */
  bulk?: (chosen: RowOf<Path>[], done: () => void) => ReactNode;
  /** More of a row, below it. */
  more?: (row: RowOf<Path>) => ReactNode;
}

/** A table of a list that the server filters and pages by key: forward, and back the way one came. */
export function Listing<Path extends ListPath>(props: Props<Path>) {
  const { filters, query = {}, columns } = props;
  const [hidden, hide] = useFilter("hide");
  const shown = shownOf(columns, hidden);
  return (
    <Flex vertical gap="small">
      <Flex gap="small" wrap justify="space-between">
        <Flex gap="small" wrap>
          {filters}
        </Flex>
        <ViewTools columns={columns} hidden={hidden} hide={hide} />
      </Flex>
      <Rows {...props} key={JSON.stringify([query, props.inPath])} columns={shown} />
    </Flex>
  );
}

function Rows<Path extends ListPath>(props: Props<Path>) {
  const { list, family, query = {}, inPath = {}, columns, rowKey, open, empty, bulk, more } = props;
  type Row = RowOf<Path>;
  const words = useWords();
  const navigate = useNavigate();
  const [trail, setTrail] = useState(FIRST);
  const [chosen, setChosen] = useState<Row[]>([]);
  const keyOf = (row: Row) => (typeof rowKey === "function" ? rowKey(row) : String(row[rowKey]));
  const after = trail.at(-1);
  const rows = useQuery({
    queryKey: [family, list, query, inPath, after],
    queryFn: () => readList(list, query as Partial<QueryOf<Path>>, { after, inPath }),
    placeholderData: keepPreviousData,
    refetchInterval: useRefresh(REFRESH_MS),
  });
  const table = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // a wide table scrolls; that has to work from the keyboard, too
    table.current?.querySelector(".ant-table-content")?.setAttribute("tabindex", "0");
    // what measures widths is a copy of the head, which nobody must come to
    table.current?.querySelector(".ant-table-measure-row")?.setAttribute("inert", "");
  });
  const again = () => void rows.refetch();
  if (rows.error && !rows.data) return <Trouble error={rows.error} again={again} />;
  const following = rows.data?.next ?? null;
  return (
    <Flex vertical gap="small" ref={table}>
      {rows.error ? <Trouble error={rows.error} again={again} /> : null}
      {bulk && chosen.length > 0 ? bulk(chosen, () => setChosen([])) : null}
      <Table<Row>
        columns={open ? linked(columns, open) : columns}
        dataSource={rows.data?.items ?? []}
        rowKey={keyOf}
        loading={rows.isPending}
        pagination={false}
        size="middle"
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={empty ?? words("nothing")} /> }}
        {...(more && { expandable: { expandedRowRender: more } })}
        {...(bulk && {
          rowSelection: {
            selectedRowKeys: chosen.map(keyOf),
            onChange: (_: unknown, picked: Row[]) => setChosen(picked),
            getCheckboxProps: (row: Row) => ({ "aria-label": `${words("choose")} ${keyOf(row)}` }),
            getTitleCheckboxProps: () => ({ "aria-label": words("choose.all") }),
          },
        })}
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
function linked<Row extends object>(columns: Columns<Row>, open: (row: Row) => string): Columns<Row> {
  const [first, ...others] = columns;
  if (!first) return columns;
  const render = (value: unknown, row: Row, position: number) => (
    <Link to={open(row)}>{(first.render?.(value, row, position) ?? value) as ReactNode}</Link>
  );
  return [{ ...first, render }, ...others];
}
