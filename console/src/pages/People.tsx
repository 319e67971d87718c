import { Alert, Tag } from "antd";
import { Link } from "react-router";

import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { useColumns } from "../parts/columns";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";
import { Directory } from "./people/Directory";
import { Grants } from "./people/Grants";
import { Waiting } from "./people/Waiting";

/** Departments and people of the directory, who has which role, and what waits for a second administrator. */
export function Component() {
  const words = useWords();
  const me = useMe();
  const security = me.may("role.read");
  return (
    <Page title={words("menu.people")}>
      <Tabbed
        tabs={[
          { key: "people", word: "people", content: <People /> },
          { key: "departments", word: "departments", content: <Departments /> },
          security ? { key: "roles", word: "roles", content: <Grants /> } : null,
          security ? { key: "waiting", word: "changes", content: <Waiting /> } : null,
          security ? { key: "directory", word: "directory", content: <Directory /> } : null,
        ]}
      />
    </Page>
  );
}

function People() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<RowOf<"/v1/people">>();
  const [name, setName] = useFilter("name");
  return (
    <Listing
      list="/v1/people"
      family="people"
      query={{ name }}
      filters={<Search word="person.search" value={name} choose={setName} />}
      columns={[
        column.text("login", "login"),
        column.text("name", "name"),
        column.text("department", "department"),
        column.copy("mail", "mail"),
        column.show("active", "state", (person) => (
          <Tag color={person.active ? "success" : "default"}>
            {words(person.active ? "person.here" : "person.left")}
          </Tag>
        )),
        ...(me.may("person.manage")
          ? [
              column.verbs((person) => (
                <>
                  <Link to={`/people?tab=roles&login=${person.login}`}>{words("roles")}</Link>
                  <Ask
                    word="person.unlock"
                    button={{ size: "small" }}
                    sure={words("person.unlock.sure", { name: person.name })}
                    work={() =>
                      answer(
                        api.DELETE("/v1/people/{login}/sign-in-failures", {
                          params: { path: { login: person.login } },
                        }),
                      )
                    }
                  />
                  <Ask
                    word="person.end"
                    button={{ size: "small", danger: true }}
                    sure={words("person.end.sure", { name: person.name })}
                    work={() =>
                      answer(api.DELETE("/v1/people/{login}/sessions", { params: { path: { login: person.login } } }))
                    }
                  />
                </>
              )),
            ]
          : []),
      ]}
      rowKey="id"
    />
  );
}

function Departments() {
  const words = useWords();
  const named = useNames();
  const column = useColumns<RowOf<"/v1/departments">>();
  return (
    <>
      <Alert type="info" title={words("departments.hint", { role: named("role", "approver") })} />
      <Listing
        list="/v1/departments"
        family="departments"
        columns={[
          column.show("name", "name", (department) => (
            <span style={{ paddingInlineStart: 20 * (department.path.split("/").length - 3) }}>{department.name}</span>
          )),
          column.text("code", "code"),
          column.text("path", "path"),
        ]}
        rowKey="id"
      />
    </>
  );
}
