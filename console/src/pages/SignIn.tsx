import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Card, Divider, Flex, Form, Input, Typography } from "antd";
import { useState } from "react";
import { Navigate, useLocation, useNavigate } from "react-router";

import { answer, api } from "../api/client";
import { useSelf, useSignIn } from "../api/session";
import { language, speak, useWords } from "../language/setup";
import { Trouble } from "../parts/Trouble";
import { wayBack } from "./sign-in/wayBack";

interface Credentials {
  login: string;
  password: string;
}

export function Component() {
  const words = useWords();
  const navigate = useNavigate();
  const next = wayBack(useLocation().state);
  const self = useSelf();
  const signIn = useSignIn();
  const ways = useQuery({ queryKey: ["ways"], queryFn: () => answer(api.GET("/v1/sign-in")) });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const enter = async ({ login, password }: Credentials) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(login, password);
      await navigate(next, { replace: true });
    } catch (wrong) {
      setError(wrong);
    } finally {
      setBusy(false);
    }
  };

  if (self.data) return <Navigate to={next} replace />;
  const singleSignOn = ways.data?.single_sign_on;
  return (
    <Flex component="main" align="center" justify="center" style={{ minHeight: "100vh", padding: 16 }} className="door">
      <Card style={{ width: 380, maxWidth: "100%" }}>
        <Flex justify="space-between" align="baseline">
          <Typography.Title level={1} style={{ fontSize: 26 }}>
            金云 Jinyun
          </Typography.Title>
          <Button type="link" onClick={() => void speak(language() === "zh" ? "en" : "zh")}>
            {words("other_language")}
          </Button>
        </Flex>
        <Typography.Paragraph type="secondary">
          {words(ways.data?.directory ? "sign_in.directory" : "sign_in.local")}
        </Typography.Paragraph>
        {ways.error ? <Trouble error={ways.error} again={() => void ways.refetch()} /> : null}
        {error ? (
          <Alert
            type="error"
            showIcon
            title={error instanceof Error ? error.message : words("trouble.unknown")}
            style={{ marginBottom: 16 }}
          />
        ) : null}
        <Form<Credentials> layout="vertical" onFinish={(given) => void enter(given)} requiredMark={false}>
          <Form.Item name="login" label={words("sign_in.login")} rules={[{ required: true, message: words("needed") }]}>
            <Input autoFocus autoComplete="username" maxLength={255} />
          </Form.Item>
          <Form.Item
            name="password"
            label={words("sign_in.password")}
            rules={[{ required: true, message: words("needed") }]}
          >
            <Input.Password autoComplete="current-password" maxLength={1024} />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={busy}>
            {words("sign_in")}
          </Button>
        </Form>
        {singleSignOn ? (
          <>
            <Divider plain>{words("or")}</Divider>
            <Button block href={`${singleSignOn.address}?next=${encodeURIComponent(next)}`}>
              {singleSignOn.name}
            </Button>
          </>
        ) : null}
      </Card>
    </Flex>
  );
}
