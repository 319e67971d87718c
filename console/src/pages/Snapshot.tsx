import { Card, Descriptions } from "antd";
import { Link, useParams } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useWords } from "../language/setup";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { StateTag } from "../parts/StateTag";
import { Seen } from "../parts/Seen";
import { OperationSteps } from "./orders/OperationSteps";

/** Where the notice of a snapshot leads. */
export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  const params = { path: { snapshot_id: id } };
  return (
    <Seen
      queryKey={["snapshots", id]}
      read={() => answer(api.GET("/v1/snapshots/{snapshot_id}", { params, headers: BACKGROUND }))}
    >
      {(snapshot) => (
        <Page title={`${words("snapshot")} ${snapshot.name}`}>
          <Card>
            <Descriptions
              column={{ xs: 1, md: 2 }}
              items={[
                { key: "state", label: words("state"), children: <StateTag state={snapshot.state} /> },
                {
                  key: "volume",
                  label: words("volume"),
                  children: <Link to={`/volumes?name=${snapshot.volume}`}>{snapshot.volume}</Link>,
                },
                { key: "size", label: words("size_gib"), children: snapshot.size_gib },
                { key: "tier", label: words("tier"), children: snapshot.tier },
                { key: "project", label: words("project"), children: snapshot.project },
                { key: "region", label: words("region"), children: snapshot.region },
                { key: "created", label: words("created"), children: <Moment at={snapshot.created_at} /> },
                { key: "until", label: words("until"), children: <Moment at={snapshot.expires_at} /> },
              ]}
            />
          </Card>
          {snapshot.operation_id ? (
            <Card title={words("server.under_way")}>
              <OperationSteps id={snapshot.operation_id} />
            </Card>
          ) : null}
        </Page>
      )}
    </Seen>
  );
}
