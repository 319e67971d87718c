import { Alert, Button, Card, Flex, Space, Spin, Typography } from "antd";
import { useEffect, useRef, useState } from "react";

import { answer, api, BACKGROUND } from "../../api/client";
import { useWords } from "../../language/setup";
import { Trouble } from "../../parts/Trouble";

type Standing = "closed" | "opening" | "open";
type Remote = import("@novnc/novnc").default;

interface Props {
  serverId: string;
  simulated: boolean;
}

/** The server's screen, through Jinyun's own websocket: the browser learns nothing of the region behind it. */
export function Screen({ serverId, simulated }: Props) {
  const words = useWords();
  const place = useRef<HTMLDivElement>(null);
  const remote = useRef<Remote | null>(null);
  const [standing, setStanding] = useState<Standing>("closed");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => () => remote.current?.disconnect(), []);

  const open = async () => {
    setStanding("opening");
    setError(null);
    try {
      const [{ default: RFB }, ticket] = await Promise.all([import("@novnc/novnc"), ticketFor(serverId)]);
      if (!place.current) return;
      const screen = new RFB(place.current, addressOf(ticket.ticket), { shared: true });
      screen.scaleViewport = true;
      screen.background = "#1b1b1b";
      screen.addEventListener("connect", () => setStanding("open"));
      screen.addEventListener("disconnect", (event) => {
        setStanding("closed");
        const { clean } = (event as CustomEvent<{ clean: boolean }>).detail;
        if (!clean) void whyNot(ticket.operation_id).then((why) => setError(new Error(why ?? words("screen.lost"))));
      });
      remote.current = screen;
    } catch (wrong) {
      setStanding("closed");
      setError(wrong);
    }
  };

  if (simulated) return <Alert type="info" showIcon title={words("screen.simulated")} />;
  return (
    <Card
      title={words("screen")}
      extra={
        standing === "closed" ? (
          <Button type="primary" onClick={() => void open()}>
            {words("screen.open")}
          </Button>
        ) : (
          <Space>
            <Button disabled={standing !== "open"} onClick={() => remote.current?.sendCtrlAltDel()}>
              Ctrl+Alt+Del
            </Button>
            <Button onClick={() => remote.current?.disconnect()}>{words("screen.close")}</Button>
          </Space>
        )
      }
    >
      <Flex vertical gap="small">
        {error ? <Trouble error={error} again={() => void open()} /> : null}
        {standing === "closed" && !error ? (
          <Typography.Text type="secondary">{words("screen.hint")}</Typography.Text>
        ) : null}
        {standing === "opening" ? <Spin /> : null}
        <div
          ref={place}
          className="screen"
          hidden={standing !== "open"}
          role="application"
          aria-label={words("screen")}
          onClick={() => remote.current?.focus()}
        />
      </Flex>
    </Card>
  );
}

function ticketFor(serverId: string) {
  return answer(api.POST("/v1/servers/{server_id}/console", { params: { path: { server_id: serverId } } }));
}

/** The same host as this page's, whatever the installation calls itself. */
function addressOf(ticket: string): string {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${window.location.host}/v1/consoles/${encodeURIComponent(ticket)}`;
}

/** Return in words why the region did not show the screen, where it said so. */
async function whyNot(operationId: string): Promise<string | null> {
  const params = { path: { operation_id: operationId } };
  const operation = await answer(api.GET("/v1/operations/{operation_id}", { params, headers: BACKGROUND })).catch(
    () => null,
  );
  return operation?.problem ? `${operation.problem.text} ${operation.problem.words}` : null;
}
