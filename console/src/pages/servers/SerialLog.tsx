import { useMutation } from "@tanstack/react-query";
import { Button, Card, Typography } from "antd";

import { answer, api } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../language/setup";
import { Moment } from "../../parts/Moment";
import { Trouble } from "../../parts/Trouble";

const LINES = 200;
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** The API never speaks to a region: a worker reads the log, and it is fetched when that is done. */
async function readLog(serverId: string) {
  const asked = await answer(
    api.POST("/v1/servers/{server_id}/console-output", {
      params: { path: { server_id: serverId } },
      body: { lines: LINES },
    }),
  );
  const path = { server_id: serverId, operation_id: asked.id };
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await answer(api.GET("/v1/servers/{server_id}/console-output/{operation_id}", { params: { path } }));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "console-output-not-read" || Date.now() > end) throw error;
      await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  }
}

/** What the guest wrote on its serial console; shown as it is, whatever it is. */
export function SerialLog({ serverId }: { serverId: string }) {
  const words = useWords();
  const log = useMutation({ mutationFn: () => readLog(serverId) });
  return (
    <Card
      title={words("server.log")}
      extra={
        <Button onClick={() => log.mutate()} loading={log.isPending}>
          {words("server.log.read")}
        </Button>
      }
    >
      {log.error ? <Trouble error={log.error} /> : null}
      {log.data ? (
        <>
          <Typography.Text type="secondary">
            <Moment at={log.data.read_at} />
          </Typography.Text>
          <pre className="log">{log.data.output}</pre>
        </>
      ) : null}
    </Card>
  );
}
