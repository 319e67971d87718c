import { useQuery } from "@tanstack/react-query";
import { App } from "antd";

import { answer, api, type Schemas } from "../../api/client";
import { readWhole, type RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useNames, useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Choice, Search, useFilter } from "../../parts/filters";
import { Listing } from "../../parts/Listing";

const ROLES = [
  "user",
  "approver",
  "department_administrator",
  "operator",
  "system_administrator",
  "security_administrator",
  "audit_administrator",
] as const;
const SCOPES = ["system", "department", "project"] as const;

/** Who has which role where. The three administrators take a second person to give and to take. */
export function Grants() {
  const words = useWords();
  const me = useMe();
  const told = useTold();
  const column = useColumns<RowOf<"/v1/role-grants">>();
  const [login, setLogin] = useFilter("login");
  const [role, setRole] = useFilter("role");
  return (
    <Listing
      list="/v1/role-grants"
      family="grants"
      query={{ login, role: role as (typeof ROLES)[number] }}
      filters={
        <>
          <Choice word="role" all="every_role" family="role" names={ROLES} value={role} choose={setRole} />
          <Search word="login" value={login} choose={setLogin} />
          {me.may("role.manage") ? <Give /> : null}
        </>
      }
      columns={[
        column.text("name", "person"),
        column.text("login", "login"),
        column.named("role", "role", "role"),
        column.named("scope", "scope", "scope"),
        column.text("target_name", "role.where"),
        column.at("created_at", "since"),
        ...(me.may("role.manage")
          ? [
              column.verbs((grant) => (
                <Ask
                  word="role.take"
                  button={{ size: "small", danger: true }}
                  sure={words("role.take.sure", { name: grant.name })}
                  work={() =>
                    answer(api.DELETE("/v1/role-grants/{grant_id}", { params: { path: { grant_id: grant.id } } }))
                  }
                  then={told}
                />
              )),
            ]
          : []),
      ]}
      rowKey="id"
    />
  );
}

function Give() {
  const named = useNames();
  const told = useTold();
  const people = useQuery({ queryKey: ["people", "all"], queryFn: () => readWhole("/v1/people") });
  return (
    <Ask
      word="role.give"
      button={{ type: "primary" }}
      fields={[
        {
          name: "login",
          word: "person",
          kind: "choice",
          options: (people.data ?? []).map((each) => ({ value: each.login, label: `${each.name} (${each.login})` })),
        },
        {
          name: "role",
          word: "role",
          kind: "choice",
          options: ROLES.map((role) => ({ value: role, label: named("role", role) })),
        },
        {
          name: "scope",
          word: "scope",
          kind: "choice",
          options: SCOPES.map((scope) => ({ value: scope, label: named("scope", scope) })),
          initial: "system",
        },
        { name: "target", word: "role.target", optional: true, hint: "role.target.hint", most: 64 },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/role-grants", {
            body: {
              login: given.text("login"),
              role: given.one("role", ROLES),
              scope: given.one("scope", SCOPES),
              target: given.text("target"),
            },
          }),
        )
      }
      then={told}
    />
  );
}

/** Say whether it holds, or waits for a second administrator. */
function useTold() {
  const words = useWords();
  const { message } = App.useApp();
  return (outcome: Schemas["GrantOutcome"]) => {
    if (outcome.change) void message.info(words("change.waits"));
  };
}
