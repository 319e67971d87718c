import type { TableColumnsType } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useWords } from "../language/setup";
import { Listing } from "../parts/Listing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";

export function Component() {
  const words = useWords();
  const columns: TableColumnsType<Schemas["AlarmView"]> = [
    { title: words("subject"), dataIndex: "subject" },
    { title: words("alarm"), dataIndex: "text" },
    { title: words("since"), dataIndex: "raised_at", render: (at: string) => <Moment at={at} /> },
  ];
  return (
    <Page title={words("menu.alarms")}>
      <Listing
        queryKey={["alarms"]}
        read={(after) =>
          answer(
            api.GET("/v1/alarms", { params: { query: { limit: 50, ...(after && { after }) } }, headers: BACKGROUND }),
          )
        }
        columns={columns}
        rowKey="id"
        empty={words("alarm.none")}
      />
    </Page>
  );
}
