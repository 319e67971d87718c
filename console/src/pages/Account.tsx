import { Card, Descriptions, Flex, Segmented, Tag, Typography } from "antd";

import { answer, api } from "../api/client";
import { readWhole, type RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { language, useNames, useWords } from "../language/setup";
import { Ask } from "../parts/Ask";
import { useColumns } from "../parts/columns";
import { useDoing } from "../parts/Doing";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";
import { Deputies } from "./account/Deputies";
import { Tokens } from "./account/Tokens";

/** One's own: roles, sessions, keys, tokens, who decides while one is away, and in which language one gets mail. */
export function Component() {
  const words = useWords();
  return (
    <Page title={words("menu.account")}>
      <Tabbed
        tabs={[
          { key: "me", word: "account.me", content: <Self /> },
          { key: "deputies", word: "deputies", content: <Deputies /> },
          { key: "keys", word: "account.keys", content: <Keys /> },
          { key: "sessions", word: "account.sessions", content: <Sessions /> },
          { key: "tokens", word: "account.tokens", content: <Tokens /> },
        ]}
      />
    </Page>
  );
}

function Self() {
  const words = useWords();
  const named = useNames();
  const me = useMe();
  const speak = useDoing(
    (chosen: "en" | "zh") => answer(api.PUT("/v1/notices/language", { body: { language: chosen } })),
    words("done"),
  );
  return (
    <Card>
      <Descriptions
        column={1}
        items={[
          { key: "name", label: words("name"), children: me.name },
          { key: "login", label: words("login"), children: me.login },
          {
            key: "roles",
            label: words("roles"),
            children: (
              <Flex gap={4} wrap>
                {me.grants.map((grant, position) => (
                  <Tag key={position}>
                    {named("role", grant.role)} ({named("scope", grant.scope)})
                  </Tag>
                ))}
                {me.grants.length === 0 ? words("home.nothing") : null}
              </Flex>
            ),
          },
          {
            key: "mail",
            label: words("account.mail"),
            children: (
              <Segmented<"zh" | "en">
                defaultValue={language()}
                options={[
                  { value: "zh", label: "中文" },
                  { value: "en", label: "English" },
                ]}
                onChange={(chosen) => speak.mutate(chosen)}
              />
            ),
          },
        ]}
      />
    </Card>
  );
}

function Keys() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/keypairs">>();
  return (
    <Listing
      list="/v1/keypairs"
      family="keypairs"
      filters={
        <Ask
          word="key.add"
          button={{ type: "primary" }}
          fields={[
            { name: "name", word: "name", most: 63 },
            { name: "key", word: "key.public", kind: "area", hint: "key.hint", most: 8192 },
          ]}
          work={(given) =>
            answer(
              api.POST("/v1/keypairs", { body: { name: given.text("name"), public_key: given.text("key").trim() } }),
            )
          }
        />
      }
      columns={[
        column.text("name", "name"),
        column.show("fingerprint", "key.fingerprint", (key) => (
          <Typography.Text code copyable>
            {key.fingerprint}
          </Typography.Text>
        )),
        column.at("created_at", "created"),
        column.verbs((key) => (
          <Ask
            word="remove"
            button={{ size: "small", danger: true }}
            sure={words("key.remove.sure", { name: key.name })}
            work={() => answer(api.DELETE("/v1/keypairs/{name}", { params: { path: { name: key.name } } }))}
          />
        )),
      ]}
      rowKey="name"
      empty={words("key.none")}
    />
  );
}

function Sessions() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/sessions">>();
  return (
    <Listing
      list="/v1/sessions"
      family="sessions"
      filters={
        <Ask
          word="session.end_all"
          button={{ danger: true }}
          sure={words("session.end_all.sure")}
          work={async () => {
            const others = (await readWhole("/v1/sessions")).filter((session) => !session.current);
            for (const { id } of others)
              await answer(api.DELETE("/v1/sessions/{session_id}", { params: { path: { session_id: id } } }));
          }}
        />
      }
      columns={[
        column.show("kind", "session.kind", (session) => (
          <>
            {words(session.kind === "web" ? "session.web" : "session.program")}{" "}
            {session.current ? <Tag color="success">{words("session.this")}</Tag> : null}
          </>
        )),
        column.text("source_address", "source"),
        column.long("user_agent", "session.agent"),
        column.at("created_at", "since"),
        column.at("last_seen_at", "session.seen"),
        column.at("expires_at", "session.until"),
      ]}
      rowKey="id"
    />
  );
}
