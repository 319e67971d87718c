import { useQuery } from "@tanstack/react-query";
import { Card, Flex, Skeleton } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { useWords, type Word } from "../../language/setup";
import { useRefresh } from "../../live/stream";
import { StateTag } from "../../parts/StateTag";
import { Trouble } from "../../parts/Trouble";

const REFRESH_MS = 10_000;

interface Thing {
  id: string;
  state: string;
}

interface Props<Row extends Thing> {
  title: Word;
  path: string;
  none: Word;
  read: () => Promise<{ items: Row[] }>;
  line: (row: Row) => ReactNode;
}

/** The newest few of something, each a link to its page. */
export function Newest<Row extends Thing>({ title, path, none, read, line }: Props<Row>) {
  const words = useWords();
  const newest = useQuery({ queryKey: ["newest", path], queryFn: read, refetchInterval: useRefresh(REFRESH_MS) });
  return (
    <Card title={words(title)} extra={<Link to={path}>{words("all")}</Link>}>
      {newest.isPending ? <Skeleton active /> : null}
      {newest.error ? <Trouble error={newest.error} again={() => void newest.refetch()} /> : null}
      <Flex vertical gap="small">
        {newest.data?.items.map((row) => (
          <Flex key={row.id} justify="space-between" gap="small">
            <Link to={`${path}/${row.id}`}>{line(row)}</Link>
            <StateTag state={row.state} />
          </Flex>
        ))}
        {newest.data?.items.length === 0 ? words(none) : null}
      </Flex>
    </Card>
  );
}
