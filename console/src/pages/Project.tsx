import { Card, Col, Descriptions, Flex, Row, Tag } from "antd";
import { Link, useParams } from "react-router";

import { answer, api, BACKGROUND, type Schemas } from "../api/client";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { ProjectQuota } from "./projects/ProjectQuota";

/** An application system: whose it is, who works for it, and what it may have. */
export function Component() {
  const { code = "" } = useParams();
  const words = useWords();
  const named = useNames();
  const me = useMe();
  const params = { path: { project: code } };
  return (
    <Seen
      queryKey={["projects", code]}
      read={() => answer(api.GET("/v1/projects/{project}", { params, headers: BACKGROUND }))}
    >
      {(project) => (
        <Page title={project.name} actions={<Ways code={project.code} />}>
          <Row gutter={[16, 16]}>
            <Col xs={24} xl={14}>
              <Flex vertical gap="middle">
                <Card>
                  <Descriptions
                    column={{ xs: 1, md: 2 }}
                    items={[
                      { key: "code", label: words("code"), children: project.code },
                      { key: "department", label: words("department"), children: project.department },
                      { key: "owner", label: words("owner"), children: project.owner },
                      { key: "created", label: words("created"), children: <Moment at={project.created_at} /> },
                      {
                        key: "class",
                        label: words("criticality"),
                        children: named("class", project.criticality),
                      },
                      {
                        key: "environment",
                        label: words("environment"),
                        children: named("class", project.environment),
                      },
                    ]}
                  />
                </Card>
                <Members project={project} />
              </Flex>
            </Col>
            <Col xs={24} xl={10}>
              {me.may("quota.read") ? <ProjectQuota code={project.code} /> : null}
            </Col>
          </Row>
        </Page>
      )}
    </Seen>
  );
}

function Ways({ code }: { code: string }) {
  const words = useWords();
  const me = useMe();
  return (
    <Flex gap="middle">
      {me.may("server.read") ? <Link to={`/servers?project=${code}`}>{words("menu.servers")}</Link> : null}
      {me.may("volume.read") ? <Link to={`/volumes?project=${code}`}>{words("menu.volumes")}</Link> : null}
      {me.may("order.read") ? <Link to={`/orders?project=${code}`}>{words("menu.orders")}</Link> : null}
    </Flex>
  );
}

function Members({ project }: { project: Schemas["ProjectDetail"] }) {
  const words = useWords();
  const me = useMe();
  const manages = me.may("member.manage");
  const params = (login: string) => ({ path: { project: project.code, login } });
  return (
    <Card
      title={words("members")}
      extra={
        manages ? (
          <Ask
            word="member.add"
            fields={[{ name: "login", word: "login" }]}
            work={(given) =>
              answer(api.PUT("/v1/projects/{project}/members/{login}", { params: params(given.text("login").trim()) }))
            }
          />
        ) : null
      }
    >
      <Flex vertical gap="small">
        {project.members.map((member) => (
          <Flex key={member.login} justify="space-between" align="center" gap="small">
            <span>
              {member.name} <Tag>{member.login}</Tag>
            </span>
            {manages ? (
              <Ask
                word="remove"
                button={{ size: "small", danger: true }}
                sure={words("member.remove.sure", { name: member.name })}
                work={() =>
                  answer(api.DELETE("/v1/projects/{project}/members/{login}", { params: params(member.login) }))
                }
              />
            ) : null}
          </Flex>
        ))}
        {project.members.length === 0 ? words("members.none") : null}
      </Flex>
    </Card>
  );
}
