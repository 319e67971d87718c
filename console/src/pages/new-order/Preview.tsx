import { useQuery } from "@tanstack/react-query";
import { Alert, Card, Flex, Progress, Spin, Statistic, Tag, Timeline, Typography } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { Problem } from "../../api/problem";
import { useNames, useWords } from "../../language/setup";
import { useResources } from "../projects/resources";

type Seen = Schemas["PreviewView"];

interface Props {
  seen: Seen | undefined;
  error: unknown;
  busy: boolean;
  project: string | undefined;
}

/** Beside the form: what would come of the order if it were submitted as it stands. */
export function Preview({ seen, error, busy, project }: Props) {
  const words = useWords();
  const refused = error instanceof Problem ? error : null;
  return (
    <Flex vertical gap="middle" className="beside" aria-live="polite">
      {refused ? <Alert type="warning" showIcon title={refused.message} description={refused.document.hint} /> : null}
      <Card title={words("monthly")} extra={busy ? <Spin size="small" /> : null}>
        {seen ? (
          <Statistic
            value={seen.order.monthly_cost ?? words("price.none")}
            {...(seen.order.monthly_cost && { prefix: seen.order.currency })}
          />
        ) : (
          <Typography.Text type="secondary">{words("estimate.hint")}</Typography.Text>
        )}
      </Card>
      {seen ? <Deciders seen={seen} /> : null}
      {seen ? <Places seen={seen} /> : null}
      {project ? <QuotaLeft project={project} /> : null}
    </Flex>
  );
}

function Deciders({ seen }: { seen: Seen }) {
  const words = useWords();
  const named = useNames();
  const stages = seen.chain?.stages ?? [];
  return (
    <Card title={words("preview.who")}>
      {stages.length === 0 ? words("preview.nobody") : null}
      <Timeline
        items={stages.map((stage) => ({
          content: (
            <Flex vertical gap={4}>
              <span>
                <strong>{words("chain.stage", { number: stage.position })}</strong>{" "}
                {stage.assignments.length > 1 ? (
                  <Tag>{words("chain.needed", { needed: stage.needed, of: stage.assignments.length })}</Tag>
                ) : null}
              </span>
              {stage.assignments.map((one) => (
                <span key={one.id}>
                  {one.person_name ?? named("role", one.role ?? "")}{" "}
                  <Typography.Text type="secondary">{one.reason}</Typography.Text>
                </span>
              ))}
            </Flex>
          ),
        }))}
      />
    </Card>
  );
}

function nameOf({ specification, position }: Schemas["ItemView"]): string {
  const name = specification.hostname ?? specification.name;
  return typeof name === "string" ? name : String(position + 1);
}

interface Placement {
  chosen?: { pool?: string; survives_a_host?: boolean };
  summary?: string;
}

function Places({ seen }: { seen: Seen }) {
  const words = useWords();
  const placed = seen.order.items.filter((item) => "placement" in item.allocation);
  if (placed.length === 0) return null;
  return (
    <Card title={words("preview.where")}>
      <Flex vertical gap="small">
        {placed.map((item) => {
          const { chosen } = item.allocation.placement as Placement;
          return (
            <Flex key={item.position} gap="small" wrap>
              <strong>{nameOf(item)}</strong>
              <span>{chosen?.pool}</span>
              <span>{typeof item.allocation.address === "string" ? item.allocation.address : ""}</span>
              {chosen?.survives_a_host === false ? <Tag color="warning">{words("capacity.at_risk")}</Tag> : null}
            </Flex>
          );
        })}
      </Flex>
    </Card>
  );
}

function QuotaLeft({ project }: { project: string }) {
  const words = useWords();
  const resources = useResources();
  const quota = useQuery({
    queryKey: ["quotas", project],
    queryFn: () => answer(api.GET("/v1/quotas/{project}", { params: { path: { project } }, headers: BACKGROUND })),
  });
  const limited = quota.data?.resources.filter((resource) => resource.limit !== null) ?? [];
  return (
    <Card title={words("quota.left")}>
      {limited.length === 0 ? words("quota.unlimited") : null}
      <Flex vertical>
        {limited.map((resource) => {
          const limit = resource.limit ?? 0;
          const taken = resource.used + resource.held;
          const say = (amount: number) => resources.amount(resource.resource, amount);
          const label = `${resources.name(resource.resource)}: ${say(taken)} / ${say(limit)}`;
          return (
            <div key={resource.resource}>
              {label}
              <Progress size="small" aria-label={label} percent={limit ? Math.round((taken / limit) * 100) : 100} />
            </div>
          );
        })}
      </Flex>
    </Card>
  );
}
