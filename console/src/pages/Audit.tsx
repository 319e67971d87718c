import { Alert, Descriptions, Flex, Typography } from "antd";

import { answer, api, BACKGROUND } from "../api/client";
import type { RowOf } from "../api/lists";
import { useWords } from "../language/setup";
import { useColumns } from "../parts/columns";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";

const VERIFY = "jinyun-admin audit verify";
const EXPORT = "jinyun-admin audit export";

/** The log. What proves it needs a key that no API node has: that is done at the command line, and said here. */
export function Component() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/audit/records">>();
  const [person, setPerson] = useFilter("person");
  const [order, setOrder] = useFilter("order");
  const [action, setAction] = useFilter("action");
  const [project, setProject] = useFilter("project");
  const [subject, setSubject] = useFilter("subject");
  return (
    <Page title={words("menu.audit")}>
      <Alert
        type="info"
        showIcon
        title={words("audit.proof")}
        description={
          <Flex gap="middle" wrap>
            <Typography.Text code copyable>
              {VERIFY}
            </Typography.Text>
            <Typography.Text code copyable>
              {EXPORT}
            </Typography.Text>
          </Flex>
        }
      />
      <Listing
        list="/v1/audit/records"
        family="audit"
        query={{ person, order_number: order, action, project, subject_id: subject }}
        filters={
          <>
            <Search word="person" value={person} choose={setPerson} />
            <Search word="action" value={action} choose={setAction} />
            <Search word="order.number" value={order} choose={setOrder} />
            <Search word="project.code" value={project} choose={setProject} />
            <Search word="audit.subject" value={subject} choose={setSubject} />
          </>
        }
        columns={[
          column.at("at", "at"),
          column.text("person", "person"),
          column.text("on_behalf_of", "on_behalf_of"),
          column.show("action", "action", (record) => <Typography.Text code>{record.action}</Typography.Text>),
          column.text("subject_name", "subject"),
          column.text("order_number", "order.number"),
          column.text("source_address", "source"),
          { ...column.text("number", "number"), align: "right" },
        ]}
        rowKey="id"
        more={(record) => <Record id={record.id} />}
      />
    </Page>
  );
}

function Record({ id }: { id: string }) {
  const words = useWords();
  const params = { path: { record_id: id } };
  return (
    <Seen
      queryKey={["audit", id]}
      read={() => answer(api.GET("/v1/audit/records/{record_id}", { params, headers: BACKGROUND }))}
    >
      {(record) => (
        <Flex vertical gap="small">
          <Descriptions
            size="small"
            column={{ xs: 1, md: 2 }}
            items={[
              { key: "kind", label: words("audit.subject"), children: `${record.subject_kind} ${record.subject_id}` },
              { key: "request", label: words("audit.request"), children: record.request_id ?? "–" },
              { key: "digest", label: words("audit.digest"), children: <code>{record.digest}</code> },
              {
                key: "chain",
                label: words("audit.chain"),
                children: <code>{record.chain ?? words("audit.unsealed")}</code>,
              },
            ]}
          />
          <Flex gap="middle" wrap>
            {record.before ? <State word="audit.before" content={record.before} /> : null}
            {record.after ? <State word="audit.after" content={record.after} /> : null}
          </Flex>
        </Flex>
      )}
    </Seen>
  );
}

function State({ word, content }: { word: "audit.before" | "audit.after"; content: object }) {
  const words = useWords();
  return (
    <div>
      <Typography.Text strong>{words(word)}</Typography.Text>
      <pre className="log">{JSON.stringify(content, null, 2)}</pre>
    </div>
  );
}
