import { Card, Descriptions } from "antd";
import { useParams } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useNames, useWords } from "../language/setup";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { StateTag } from "../parts/StateTag";
import { OperationSteps } from "./orders/OperationSteps";

export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  const named = useNames();
  const params = { path: { operation_id: id } };
  return (
    <Seen
      queryKey={["operation", id]}
      read={() => answer(api.GET("/v1/operations/{operation_id}", { params, headers: BACKGROUND }))}
    >
      {(operation) => (
        <Page title={`${named("kind", operation.kind)}: ${operation.subject_name}`}>
          <Card>
            <Descriptions
              column={{ xs: 1, md: 2, xl: 3 }}
              items={[
                { key: "state", label: words("state"), children: <StateTag state={operation.state} /> },
                { key: "by", label: words("asked_by"), children: operation.requested_by },
                { key: "worker", label: words("operation.worker"), children: operation.worker ?? "–" },
                { key: "created", label: words("created"), children: <Moment at={operation.created_at} /> },
                { key: "started", label: words("operation.started"), children: <Moment at={operation.started_at} /> },
                { key: "ended", label: words("ended"), children: <Moment at={operation.ended_at} /> },
              ]}
            />
          </Card>
          <Card title={words("operation.steps")}>
            <OperationSteps id={id} />
          </Card>
        </Page>
      )}
    </Seen>
  );
}
