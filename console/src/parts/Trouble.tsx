import { Alert, Button, Flex, Typography } from "antd";

import { Problem, Unreachable } from "../api/problem";
import { useWords } from "../language/setup";

/** What went wrong, in plain words, with what to do about it. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const words = useWords();
  if (error instanceof Problem && error.status === 403)
    return <Nothing title={words("forbidden.title")} why={error.message} />;
  if (error instanceof Problem && error.status === 404)
    return <Nothing title={words("missing.title")} why={error.message} />;
  const away = error instanceof Unreachable;
  return (
    <Alert
      type="error"
      showIcon
      title={away ? words("trouble.away") : error instanceof Error ? error.message : words("trouble.unknown")}
      description={error instanceof Problem ? error.document.hint : undefined}
      action={again ? <Button onClick={again}>{words("again")}</Button> : undefined}
    />
  );
}

/** A page that is not there, or not for the reader. */
export function Nothing({ title, why }: { title: string; why: string }) {
  const words = useWords();
  return (
    <Flex vertical align="center" gap="middle" style={{ paddingBlock: 64, textAlign: "center" }}>
      <Typography.Title level={2} style={{ fontSize: 24, margin: 0 }}>
        {title}
      </Typography.Title>
      <Typography.Text type="secondary">{why}</Typography.Text>
      <Button type="primary" href="/">
        {words("menu.home")}
      </Button>
    </Flex>
  );
}
