import { answer, api } from "../api/client";
import type { RowOf } from "../api/lists";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { Bulk } from "../parts/Bulk";
import { useColumns } from "../parts/columns";
import { Search, StateChoice, useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Tabbed } from "../parts/Tabbed";
import { Drifts } from "./adoption/Drifts";
import { ServerGroups } from "./servers/ServerGroups";

const STATES = ["building", "active", "stopped", "recycled", "failed"] as const;
type Server = RowOf<"/v1/servers">;

const of = (server: Server) => ({ params: { path: { server_id: server.id } } });

export function Component() {
  const words = useWords();
  return (
    <Page title={words("menu.servers")}>
      <Tabbed
        tabs={[
          { key: "servers", word: "menu.servers", content: <Servers /> },
          { key: "drift", word: "drift", content: <Drifts /> },
          { key: "groups", word: "server_groups", content: <ServerGroups /> },
        ]}
      />
    </Page>
  );
}

function Servers() {
  const words = useWords();
  const me = useMe();
  const column = useColumns<Server>();
  const [state, setState] = useFilter("state");
  const [hostname, setHostname] = useFilter("hostname");
  const [address, setAddress] = useFilter("address");
  const [project, setProject] = useFilter("project");
  const verbs = [
    {
      word: "server.start" as const,
      sure: "bulk.start.sure" as const,
      work: (server: Server) => answer(api.POST("/v1/servers/{server_id}/start", of(server))),
    },
    {
      word: "server.reboot" as const,
      sure: "bulk.reboot.sure" as const,
      work: (server: Server) =>
        answer(api.POST("/v1/servers/{server_id}/reboot", { ...of(server), body: { hard: false } })),
    },
    {
      word: "server.stop" as const,
      sure: "bulk.stop.sure" as const,
      danger: true,
      work: (server: Server) => answer(api.POST("/v1/servers/{server_id}/stop", of(server))),
    },
  ];
  return (
    <Listing
      list="/v1/servers"
      family="servers"
      query={{ state: state as (typeof STATES)[number], hostname, address, project }}
      filters={
        <>
          <StateChoice states={STATES} value={state} choose={setState} />
          <Search word="hostname" value={hostname} choose={setHostname} />
          <Search word="address" value={address} choose={setAddress} />
          <Search word="project.code" value={project} choose={setProject} />
        </>
      }
      columns={[
        column.text("hostname", "hostname"),
        column.copy("address", "address"),
        column.state("state"),
        column.named("ladder", "ladder", "state"),
        column.text("project", "project"),
        column.text("flavor", "flavor"),
        column.text("image", "image"),
        column.text("region", "region"),
        column.text("pool", "pool"),
        column.at("expires_at", "until"),
        column.at("created_at", "created"),
      ]}
      rowKey="id"
      open={(server) => `/servers/${server.id}`}
      empty={words("server.none")}
      {...(me.may("server.operate") && {
        bulk: (rows: Server[], done: () => void) => (
          <Bulk rows={rows} nameOf={(server) => server.hostname} verbs={verbs} done={done} />
        ),
      })}
    />
  );
}
