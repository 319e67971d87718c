import { Alert, Card, Descriptions, Flex, Space, Tag } from "antd";
import { useParams } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { useAnswered } from "../parts/answered";
import { Ask } from "../parts/Ask";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { StateTag } from "../parts/StateTag";
import { Bindings } from "./regions/Bindings";
import { Pools } from "./regions/Pools";

/** One region: whether it answers, what it has, and what of that has been accepted into the catalogue. */
export function Component() {
  const { code = "" } = useParams();
  const words = useWords();
  const me = useMe();
  const params = { path: { code } };
  return (
    <Seen
      queryKey={["regions", code]}
      read={() => answer(api.GET("/v1/regions/{code}", { params, headers: BACKGROUND }))}
    >
      {(region) => (
        <Page title={region.name} actions={<Verbs code={code} />}>
          {region.simulated ? <Alert type="warning" showIcon title={words("simulated")} /> : null}
          {region.problem ? (
            <Alert type="error" showIcon title={region.problem.text} description={region.problem.words} />
          ) : null}
          <Card>
            <Descriptions
              column={{ xs: 1, md: 2, xl: 3 }}
              items={[
                { key: "code", label: words("code"), children: region.code },
                { key: "state", label: words("state"), children: <StateTag state={region.state} /> },
                { key: "provider", label: words("region.provider"), children: region.provider },
                { key: "release", label: words("region.release"), children: region.release ?? "–" },
                { key: "seen", label: words("seen"), children: <Moment at={region.last_seen_at} /> },
                {
                  key: "zones",
                  label: words("region.zones"),
                  children: (
                    <Flex gap={4} wrap>
                      {region.zones.map((zone) => (
                        <Tag key={zone}>{zone}</Tag>
                      ))}
                    </Flex>
                  ),
                },
                { key: "endpoint", label: words("region.endpoint"), children: region.endpoint ?? "–" },
              ]}
            />
          </Card>
          <Card title={words("pools")}>
            <Pools region={code} />
          </Card>
          {me.may("catalog.manage") ? (
            <Card title={words("bindings")} extra={<AcceptAll code={code} />}>
              <Bindings region={code} />
            </Card>
          ) : null}
        </Page>
      )}
    </Seen>
  );
}

function AcceptAll({ code }: { code: string }) {
  const words = useWords();
  return (
    <Ask
      word="bindings.accept_all"
      sure={words("bindings.accept_all.sure")}
      work={() => answer(api.POST("/v1/regions/{code}/accept-proposals", { params: { path: { code } } }))}
    />
  );
}

function Verbs({ code }: { code: string }) {
  const words = useWords();
  const me = useMe();
  const answered = useAnswered();
  const params = { path: { code } };
  return (
    <Space wrap>
      {me.may("region.manage") ? (
        <>
          <Ask
            word="region.sync"
            work={() => answer(api.POST("/v1/regions/{code}/sync", { params }))}
            then={answered}
          />
          <Ask
            word="region.check_quotas"
            work={() => answer(api.POST("/v1/regions/{code}/check-quotas", { params }))}
            then={answered}
          />
          <Ask
            word="region.lift_quotas"
            sure={words("region.lift_quotas.sure")}
            work={() => answer(api.POST("/v1/regions/{code}/lift-quotas", { params }))}
            then={answered}
          />
          <Ask
            word="region.new_secret"
            fields={[{ name: "secret", word: "region.secret", kind: "secret", most: 4096 }]}
            work={(given) =>
              answer(api.PUT("/v1/regions/{code}/secret", { params, body: { secret: given.text("secret") } }))
            }
          />
        </>
      ) : null}
      {me.may("operation.operate") ? (
        <Ask
          word="region.find_orphans"
          work={() => answer(api.POST("/v1/regions/{code}/find-orphans", { params }))}
          then={answered}
        />
      ) : null}
    </Space>
  );
}
