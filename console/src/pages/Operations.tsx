import { Segmented, type TableColumnsType } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useNames, useWords } from "../language/setup";
import { useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { StateTag } from "../parts/StateTag";

type Operation = Schemas["OperationView"];

export function Component() {
  const words = useWords();
  const named = useNames();
  const [which, setWhich] = useFilter("which");
  const columns: TableColumnsType<Operation> = [
    { title: words("kind"), dataIndex: "kind", render: (kind: string) => named("kind", kind) },
    { title: words("subject"), dataIndex: "subject_name" },
    { title: words("state"), dataIndex: "state", render: (state: string) => <StateTag state={state} /> },
    { title: words("problem"), render: (_, operation) => operation.problem?.text ?? "" },
    { title: words("asked_by"), dataIndex: "requested_by" },
    { title: words("created"), dataIndex: "created_at", render: (at: string) => <Moment at={at} /> },
    { title: words("ended"), dataIndex: "ended_at", render: (at: string | null) => <Moment at={at} /> },
  ];
  const read = (after: string | undefined) =>
    answer(
      api.GET("/v1/operations", {
        params: { query: { limit: 50, ...(after && { after }), active: which === "active", stuck: which === "stuck" } },
        headers: BACKGROUND,
      }),
    );
  return (
    <Page title={words("menu.operations")}>
      <Segmented
        style={{ alignSelf: "start" }}
        value={which}
        onChange={setWhich}
        options={[
          { value: "", label: words("all") },
          { value: "active", label: words("operation.active") },
          { value: "stuck", label: words("operation.stuck") },
        ]}
      />
      <Listing
        key={which}
        queryKey={["operations", which]}
        read={read}
        columns={columns}
        rowKey="id"
        open={(operation) => `/operations/${operation.id}`}
      />
    </Page>
  );
}
