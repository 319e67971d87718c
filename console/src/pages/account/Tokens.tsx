import { Alert, Flex, Typography } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useMe } from "../../api/session";
import { useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

/** Ways in for programs; a token's secret is shown once, when it is made. */
export function Tokens() {
  const words = useWords();
  const me = useMe();
  const [made, setMade] = useState<string | null>(null);
  const column = useColumns<RowOf<"/v1/tokens">>();
  const actions = [...new Set(me.grants.flatMap((grant) => grant.actions))].sort();
  return (
    <Flex vertical gap="middle">
      {made ? (
        <Alert
          type="success"
          closable={{ onClose: () => setMade(null) }}
          title={words("token.once")}
          description={
            <Typography.Text code copyable>
              {made}
            </Typography.Text>
          }
        />
      ) : null}
      <Listing
        list="/v1/tokens"
        family="tokens"
        filters={
          <Ask
            word="token.make"
            button={{ type: "primary", disabled: actions.length === 0 }}
            fields={[
              { name: "name", word: "name", most: 64 },
              {
                name: "actions",
                word: "token.actions",
                kind: "choices",
                options: actions.map((action) => ({ value: action, label: action })),
              },
              { name: "ends", word: "session.until", kind: "moment" },
            ]}
            work={(given) =>
              answer(
                api.POST("/v1/tokens", {
                  body: {
                    name: given.text("name"),
                    actions: given.list("actions"),
                    projects: null,
                    expires_at: given.moment("ends") ?? "",
                    service_account: null,
                  },
                }),
              )
            }
            then={(token) => setMade(token.token)}
          />
        }
        columns={[
          column.text("name", "name"),
          column.show("actions", "token.actions", (token) => token.actions?.join(", ") ?? words("all")),
          column.at("created_at", "created"),
          column.at("last_used_at", "session.seen"),
          column.at("expires_at", "session.until"),
          column.verbs((token) => (
            <Ask
              word="token.revoke"
              button={{ size: "small", danger: true }}
              sure={words("token.revoke.sure", { name: token.name })}
              work={() => answer(api.DELETE("/v1/tokens/{token_id}", { params: { path: { token_id: token.id } } }))}
            />
          )),
        ]}
        rowKey="id"
        empty={words("token.none")}
      />
    </Flex>
  );
}
