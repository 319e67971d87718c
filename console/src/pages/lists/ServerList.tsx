import { type TableColumnsType, Typography } from "antd";

import type { Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { Listing, type PageOf } from "../../parts/Listing";
import { Moment } from "../../parts/Moment";
import { StateTag } from "../../parts/StateTag";

type Server = Schemas["ServerView"];

interface Props {
  read: (after: string | undefined) => Promise<PageOf<Server>>;
  filter?: readonly unknown[];
}

export function ServerList({ read, filter = [] }: Props) {
  const words = useWords();
  const columns: TableColumnsType<Server> = [
    { title: words("hostname"), dataIndex: "hostname" },
    {
      title: words("address"),
      dataIndex: "address",
      render: (address: string) => (
        <span onClick={(click) => click.stopPropagation()}>
          <Typography.Text copyable>{address}</Typography.Text>
        </span>
      ),
    },
    { title: words("state"), dataIndex: "state", render: (state: string) => <StateTag state={state} /> },
    { title: words("project"), dataIndex: "project" },
    { title: words("flavor"), dataIndex: "flavor" },
    { title: words("image"), dataIndex: "image" },
    { title: words("region"), dataIndex: "region" },
    { title: words("pool"), dataIndex: "pool" },
    { title: words("created"), dataIndex: "created_at", render: (at: string) => <Moment at={at} /> },
  ];
  return (
    <Listing
      queryKey={["servers", ...filter]}
      read={read}
      columns={columns}
      rowKey="id"
      open={(server) => `/servers/${server.id}`}
      empty={words("server.none")}
    />
  );
}
