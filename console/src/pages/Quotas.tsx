import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useNames, useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { useColumns } from "../parts/columns";
import { Search, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { useResources } from "./projects/resources";

const SCOPES = ["project", "department"] as const;
type Quota = RowOf<"/v1/quotas">;

/** Limits of departments and application systems, with what is used and held of each. */
export function Component() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<Quota>();
  const [project, setProject] = useFilter("project");
  const resources = useResources();
  const say = (quota: Quota, amount: number) => resources.amount(quota.resource, amount);
  return (
    <Page title={words("menu.quotas")} actions={me.may("quota.manage") ? <Set /> : null}>
      <Listing
        list="/v1/quotas"
        family="quotas"
        query={{ project }}
        filters={<Search word="project.code" value={project} choose={setProject} />}
        columns={[
          column.text("name", "name"),
          column.text("code", "code"),
          column.named("scope", "scope", "scope"),
          column.show("resource", "quota.resource", (quota) => resources.name(quota.resource)),
          { ...column.show("used", "quota.used", (quota) => say(quota, quota.used)), align: "right" },
          { ...column.show("held", "held", (quota) => say(quota, quota.held)), align: "right" },
          { ...column.show("limit", "quota.limit", (quota) => say(quota, quota.limit)), align: "right" },
          { ...column.show("available", "quota.available", (quota) => say(quota, quota.available)), align: "right" },
          column.text("set_by", "quota.set_by"),
          column.at("set_at", "since"),
        ]}
        rowKey={(quota) => `${quota.scope} ${quota.code} ${quota.resource}`}
        empty={words("quota.none")}
      />
    </Page>
  );
}

function Set() {
  const named = useNames();
  return (
    <Ask
      word="quota.set"
      button={{ type: "primary" }}
      fields={[
        {
          name: "scope",
          word: "scope",
          kind: "choice",
          options: SCOPES.map((scope) => ({ value: scope, label: named("scope", scope) })),
          initial: "project",
        },
        { name: "code", word: "code", most: 64 },
        { name: "resource", word: "quota.resource", hint: "quota.resource.hint", most: 80 },
        { name: "limit", word: "quota.limit", kind: "number", optional: true, hint: "quota.limit.hint" },
        { name: "lower", word: "quota.lower", kind: "switch", initial: false },
      ]}
      work={(given) =>
        answer(
          api.PUT("/v1/quotas", {
            body: {
              scope: given.one("scope", SCOPES),
              code: given.text("code"),
              resource: given.text("resource"),
              limit: given.maybeNumber("limit"),
              lower_below: given.flag("lower"),
            },
          }),
        )
      }
    />
  );
}
