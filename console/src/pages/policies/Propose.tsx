import { useMutation } from "@tanstack/react-query";
import { Button, Flex, Form, Input, Typography } from "antd";

import { answer, api, type Schemas } from "../../api/client";
import { useWords } from "../../language/setup";
import { Wrong } from "../../parts/Wrong";
import { readRules } from "./document";

interface Props {
  rules: Schemas["PolicyRule"][];
  done: (change: Schemas["ChangeView"]) => void;
}

interface Typed {
  note: string;
  document: string;
  from?: string;
}

/** Another set of rules, as a document: it waits for a second security administrator, and is checked before. */
export function Propose({ rules, done }: Props) {
  const words = useWords();
  const propose = useMutation({
    mutationFn: ({ note, document, from }: Typed) =>
      answer(
        api.POST("/v1/approval-policy/proposals", {
          body: { note, rules: readRules(document), effective_from: from ? new Date(from).toISOString() : null },
        }),
      ),
    onSuccess: done,
  });
  const needed = { required: true, message: words("needed") };
  const isDocument = {
    validator: (_: unknown, text: string) =>
      isReadable(text) ? Promise.resolve() : Promise.reject(new Error(words("policy.unreadable"))),
  };
  return (
    <Form<Typed>
      layout="vertical"
      initialValues={{ document: JSON.stringify(rules, null, 2) }}
      onFinish={(typed) => propose.mutate(typed)}
    >
      <Typography.Paragraph type="secondary">{words("policy.propose.hint")}</Typography.Paragraph>
      <Form.Item name="note" label={words("policy.note")} rules={[needed]}>
        <Input maxLength={255} />
      </Form.Item>
      <Form.Item name="from" label={words("policy.from")} extra={words("policy.from.hint")}>
        <Input type="datetime-local" style={{ width: 240 }} />
      </Form.Item>
      <Form.Item name="document" label={words("policy.document")} rules={[needed, isDocument]}>
        <Input.TextArea rows={20} spellCheck={false} className="code" />
      </Form.Item>
      <Flex vertical gap="middle" align="start">
        {propose.error ? <Wrong problem={propose.error} /> : null}
        <Button type="primary" htmlType="submit" loading={propose.isPending}>
          {words("policy.propose")}
        </Button>
      </Flex>
    </Form>
  );
}

function isReadable(text: string): boolean {
  try {
    readRules(text);
    return true;
  } catch {
    return false;
  }
}
