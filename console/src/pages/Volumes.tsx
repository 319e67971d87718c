import type { TableColumnsType } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useWords } from "../language/setup";
import { Listing } from "../parts/Listing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { StateTag } from "../parts/StateTag";

type Volume = Schemas["VolumeView"];

export function Component() {
  const words = useWords();
  const columns: TableColumnsType<Volume> = [
    { title: words("name"), dataIndex: "name" },
    { title: words("state"), dataIndex: "state", render: (state: string) => <StateTag state={state} /> },
    { title: words("tier"), dataIndex: "tier" },
    { title: "GiB", dataIndex: "size_gib", align: "right" },
    { title: words("server"), dataIndex: "server", render: (server: string | null) => server ?? "–" },
    { title: words("project"), dataIndex: "project" },
    { title: words("region"), dataIndex: "region" },
    { title: words("created"), dataIndex: "created_at", render: (at: string) => <Moment at={at} /> },
  ];
  return (
    <Page title={words("menu.volumes")}>
      <Listing
        queryKey={["volumes"]}
        read={(after) =>
          answer(
            api.GET("/v1/volumes", { params: { query: { limit: 50, ...(after && { after }) } }, headers: BACKGROUND }),
          )
        }
        columns={columns}
        rowKey="id"
      />
    </Page>
  );
}
