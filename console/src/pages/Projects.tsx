import { Tag } from "antd";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { useColumns } from "../parts/columns";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { CRITICALITY, ENVIRONMENTS } from "./projects/names";

export function Component() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<RowOf<"/v1/projects">>();
  const [name, setName] = useFilter("name");
  return (
    <Page title={words("menu.projects")} actions={me.may("project.manage") ? <New /> : null}>
      <Listing
        list="/v1/projects"
        family="projects"
        query={{ name }}
        filters={<Search word="project.search" value={name} choose={setName} />}
        columns={[
          column.text("code", "code"),
          column.text("name", "name"),
          column.text("department", "department"),
          column.text("owner", "owner"),
          column.named("criticality", "criticality", "class"),
          column.named("environment", "environment", "class"),
          column.show("adrift", "state", (project) =>
            project.adrift ? <Tag color="error">{words("project.adrift")}</Tag> : null,
          ),
          column.at("created_at", "created"),
        ]}
        rowKey="id"
        open={(project) => `/projects/${project.code}`}
        empty={words("project.none")}
      />
    </Page>
  );
}

function New() {
  const named = useNames();
  const choices = (names: readonly string[]) => names.map((name) => ({ value: name, label: named("class", name) }));
  return (
    <Ask
      word="project.new"
      button={{ type: "primary" }}
      fields={[
        { name: "code", word: "code", most: 64 },
        { name: "name", word: "name" },
        { name: "department", word: "department.code", most: 64 },
        { name: "owner", word: "owner.login" },
        { name: "criticality", word: "criticality", kind: "choice", options: choices(CRITICALITY), initial: "general" },
        { name: "environment", word: "environment", kind: "choice", options: choices(ENVIRONMENTS), initial: "test" },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/projects", {
            body: {
              code: given.text("code"),
              name: given.text("name"),
              department: given.text("department"),
              owner: given.text("owner"),
              criticality: given.one("criticality", CRITICALITY),
              environment: given.one("environment", ENVIRONMENTS),
              members: [],
            },
          }),
        )
      }
    />
  );
}
