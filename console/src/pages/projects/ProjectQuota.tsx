import { Card, Flex, Progress, Tooltip, Typography } from "antd";

import { answer, api, BACKGROUND, type Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { Seen } from "../../parts/Seen";
import { useResources } from "./resources";

/** What an application system uses and holds, against the narrowest limit that it lies below. */
export function ProjectQuota({ code }: { code: string }) {
  const words = useWords();
  return (
    <Card title={words("menu.quotas")}>
      <Seen
        queryKey={["quotas", code]}
        read={() =>
          answer(api.GET("/v1/quotas/{project}", { params: { path: { project: code } }, headers: BACKGROUND }))
        }
      >
        {(quota) => (
          <Flex vertical gap="small">
            {quota.resources.map((resource) => (
              <Line key={resource.resource} resource={resource} />
            ))}
          </Flex>
        )}
      </Seen>
    </Card>
  );
}

function Line({ resource }: { resource: Schemas["ResourceView"] }) {
  const words = useWords();
  const resources = useResources();
  const say = (amount: number) => resources.amount(resource.resource, amount);
  const taken = resource.used + resource.held;
  const name = resources.name(resource.resource);
  const levels = resource.levels.map((level) => `${level.name}: ${say(level.used + level.held)} / ${say(level.limit)}`);
  if (resource.limit === null)
    return (
      <Flex justify="space-between">
        <span>{name}</span>
        <Typography.Text type="secondary">
          {say(taken)} ({words("quota.unlimited")})
        </Typography.Text>
      </Flex>
    );
  return (
    <Tooltip title={levels.join("; ")}>
      <div>
        <Flex justify="space-between">
          <span>{name}</span>
          <span>
            {say(taken)} / {say(resource.limit)}
          </span>
        </Flex>
        <Progress
          size="small"
          showInfo={false}
          aria-label={name}
          percent={resource.limit ? Math.round((taken / resource.limit) * 100) : 100}
        />
      </div>
    </Tooltip>
  );
}
