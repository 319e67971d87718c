import { Flex } from "antd";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useNames, useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { NONE, useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

const AFFINITY = ["anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"] as const;

/** Servers that are to be on hosts apart, or on one host together. */
export function ServerGroups() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<RowOf<"/v1/server-groups">>();
  const operates = me.may("server.operate");
  return (
    <Listing
      list="/v1/server-groups"
      family="servers"
      filters={operates ? <New /> : null}
      columns={[
        column.text("name", "name"),
        column.named("affinity", "kind", "kind"),
        column.text("project", "project"),
        column.show("servers", "menu.servers", (group) => (
          <Flex gap="small" wrap>
            {group.servers.length === 0 ? NONE : null}
            {group.servers.map((server) => (
              <Link key={server.id} to={`/servers/${server.id}`}>
                {server.hostname}
              </Link>
            ))}
          </Flex>
        )),
        column.show("kept", "server_group.kept", (group) => words(group.kept ? "yes" : "no")),
        column.at("created_at", "created"),
        ...(operates
          ? [
              column.verbs((group) => (
                <Ask
                  word="remove"
                  button={{ size: "small", danger: true, disabled: group.servers.length > 0 }}
                  sure={words("server_group.delete.sure", { name: group.name })}
                  work={() =>
                    answer(
                      api.DELETE("/v1/server-groups/{server_group_id}", {
                        params: { path: { server_group_id: group.id } },
                      }),
                    )
                  }
                />
              )),
            ]
          : []),
      ]}
      rowKey="id"
      empty={words("server_group.none")}
    />
  );
}

function New() {
  const named = useNames();
  return (
    <Ask
      word="server_group.new"
      button={{ type: "primary" }}
      fields={[
        { name: "project", word: "project.code", most: 64 },
        { name: "name", word: "name", most: 63 },
        {
          name: "affinity",
          word: "kind",
          kind: "choice",
          options: AFFINITY.map((kind) => ({ value: kind, label: named("kind", kind) })),
          initial: "anti-affinity",
        },
      ]}
      work={(given) =>
        answer(
          api.POST("/v1/server-groups", {
            body: {
              project: given.text("project"),
              name: given.text("name"),
              affinity: given.one("affinity", AFFINITY),
            },
          }),
        )
      }
    />
  );
}
