import { Alert } from "antd";
import { useParams } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useMe } from "../api/session";
import { useWords } from "../language/setup";
import { Moment } from "../parts/Moment";
import { Page } from "../parts/Page";
import { Seen } from "../parts/Seen";
import { Tabbed } from "../parts/Tabbed";
import { Cost } from "./servers/Cost";
import { Events } from "./servers/Events";
import { NetworkFacts } from "./servers/NetworkFacts";
import { Overview } from "./servers/Overview";
import { Screen } from "./servers/Screen";
import { SerialLog } from "./servers/SerialLog";
import { Verbs } from "./servers/Verbs";
import { ServerVolumes } from "./servers/ServerVolumes";

const REFRESH_MS = 5_000;

export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  const me = useMe();
  const params = { path: { server_id: id } };
  return (
    <Seen
      queryKey={["server", id]}
      refresh={REFRESH_MS}
      read={() => answer(api.GET("/v1/servers/{server_id}", { params, headers: BACKGROUND }))}
    >
      {(server) => (
        <Page title={server.hostname} actions={<Verbs server={server} />}>
          {server.simulated ? <Alert type="warning" showIcon title={words("simulated")} /> : null}
          {server.purge_at ? (
            <Alert
              type="warning"
              showIcon
              title={
                <>
                  {words("server.purged")} <Moment at={server.purge_at} />
                </>
              }
            />
          ) : null}
          <Tabbed
            tabs={[
              { key: "overview", word: "server.overview", content: <Overview server={server} /> },
              { key: "volumes", word: "menu.volumes", content: <ServerVolumes server={server} /> },
              { key: "network", word: "network", content: <NetworkFacts server={server} /> },
              me.may("server.console")
                ? { key: "console", word: "server.console", content: <Consoles id={id} simulated={server.simulated} /> }
                : null,
              { key: "events", word: "server.events", content: <Events id={id} /> },
              { key: "cost", word: "server.cost", content: <Cost server={server} /> },
            ]}
          />
        </Page>
      )}
    </Seen>
  );
}

function Consoles({ id, simulated }: { id: string; simulated: boolean }) {
  return (
    <div className="stack">
      <Screen serverId={id} simulated={simulated} />
      <SerialLog serverId={id} />
    </div>
  );
}
