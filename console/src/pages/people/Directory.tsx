import { Alert, Card, Descriptions, Flex, Space } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";
import { Moment } from "../../parts/Moment";
import { Seen } from "../../parts/Seen";
import { StateTag } from "../../parts/StateTag";

/** The company directory: how old what we know of it is, and what a sync would change. */
export function Directory() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/directory/lines">>();
  return (
    <Seen queryKey={["directory"]} read={() => answer(api.GET("/v1/directory", { headers: BACKGROUND }))}>
      {(directory) =>
        directory.configured ? (
          <Flex vertical gap="middle">
            <Standing directory={directory} />
            <Listing
              list="/v1/directory/lines"
              family="directory"
              columns={[
                column.named("kind", "kind", "kind"),
                column.text("about", "subject"),
                column.text("text", "directory.line"),
              ]}
              rowKey="about"
              empty={words("directory.in_step")}
            />
          </Flex>
        ) : (
          <Alert type="info" showIcon title={words("directory.none")} />
        )
      }
    </Seen>
  );
}

function Standing({ directory }: { directory: Schemas["DirectoryView"] }) {
  const words = useWords();
  const { summary, digest } = directory;
  return (
    <Card
      extra={
        <Space>
          <Ask
            word="directory.preview"
            work={() => answer(api.POST("/v1/directory/sync", { body: { preview: true } }))}
          />
          <Ask
            word="directory.sync"
            sure={words("directory.sync.sure")}
            work={() => answer(api.POST("/v1/directory/sync", { body: { preview: false } }))}
          />
          {digest && directory.state === "held" && !directory.confirmed ? (
            <Ask
              word="confirm"
              button={{ type: "primary", danger: true }}
              sure={words("directory.confirm.sure", { percent: summary.removed_percent })}
              work={() => answer(api.POST("/v1/directory/confirm", { body: { digest } }))}
            />
          ) : null}
        </Space>
      }
      title={words("directory")}
    >
      {directory.problem ? <Alert type="error" showIcon title={directory.problem} /> : null}
      <Descriptions
        column={{ xs: 1, md: 2, xl: 3 }}
        items={[
          { key: "state", label: words("state"), children: <StateTag state={directory.state} /> },
          { key: "read", label: words("as_of"), children: <Moment at={directory.succeeded_at} /> },
          { key: "people", label: words("people"), children: summary.people },
          { key: "departments", label: words("departments"), children: summary.departments },
          {
            key: "plan",
            label: words("directory.plan"),
            children: `+${summary.joining} ~${summary.changing} −${summary.leaving}`,
          },
          { key: "findings", label: words("directory.findings"), children: summary.findings },
        ]}
      />
    </Card>
  );
}
