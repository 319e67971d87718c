import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Card, Empty, Flex, Skeleton, Typography } from "antd";
import { Link } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useWords } from "../language/setup";
import { useRefresh } from "../live/stream";
import { useDoing } from "../parts/Doing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";

const REFRESH_MS = 15_000;
const SHOWN = 50;

/** What one was told: the newest first, each with the page that it is about. */
export function Component() {
  const words = useWords();
  const notices = useQuery({
    queryKey: ["notices"],
    queryFn: () => answer(api.GET("/v1/notices", { params: { query: { limit: SHOWN } }, headers: BACKGROUND })),
    refetchInterval: useRefresh(REFRESH_MS),
  });
  const readAll = useDoing(() => answer(api.POST("/v1/notices/read")));
  const read = useDoing((id: string) =>
    answer(api.POST("/v1/notices/{notice_id}/read", { params: { path: { notice_id: id } } })),
  );
  if (notices.isPending) return <Skeleton active />;
  if (!notices.data) return <Trouble error={notices.error} again={() => void notices.refetch()} />;
  const { items } = notices.data;
  return (
    <Page
      title={words("menu.notices")}
      actions={
        <Button disabled={items.every((notice) => notice.read_at !== null)} onClick={() => readAll.mutate(undefined)}>
          {words("notice.read_all")}
        </Button>
      }
    >
      {items.length === 0 ? <Empty description={words("notice.none")} /> : null}
      {items.map((notice) => (
        <Card key={notice.id} size="small">
          <Flex vertical gap={4}>
            <Flex justify="space-between" gap="small" wrap>
              <Badge dot={notice.read_at === null} offset={[6, 4]}>
                <Link to={notice.path} onClick={() => read.mutate(notice.id)}>
                  {notice.subject}
                </Link>
              </Badge>
              <Moment at={notice.created_at} />
            </Flex>
            <Typography.Text style={{ whiteSpace: "pre-wrap" }}>{notice.body}</Typography.Text>
          </Flex>
        </Card>
      ))}
    </Page>
  );
}
