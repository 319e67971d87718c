import { useQueryClient } from "@tanstack/react-query";
import { App, Form, Input, InputNumber, Modal, Select, Switch, Typography } from "antd";
import { useState } from "react";

import { Problem } from "../api/problem";
import { useWords, type Word } from "../language/setup";
import { Given } from "./given";
import type { Field, Verb } from "./verb";
import { Wrong } from "./Wrong";

type Values = Record<string, unknown>;

interface Props<Answer> extends Omit<Verb<Answer>, "button"> {
  fields: readonly Field[];
  done: Word;
  danger: boolean;
  close: () => void;
}

/** What a verb needs, and what is wrong with it. */
export default function Dialogue<Answer>({ word, work, fields, sure, done, then, danger, close }: Props<Answer>) {
  const words = useWords();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);

  const submit = async (values: Values) => {
    setBusy(true);
    setProblem(null);
    try {
      const answered = await work(new Given(values));
      void message.success(words(done));
      close();
      void queries.invalidateQueries();
      then?.(answered);
    } catch (wrong) {
      const field = wrong instanceof Problem ? fields.find((each) => each.name === wrong.document.field) : undefined;
      if (field && wrong instanceof Problem) form.setFields([{ name: field.name, errors: [wrong.message] }]);
      else setProblem(wrong);
      setBusy(false);
    }
  };

  return (
    <Modal
      open
      title={words(word)}
      okText={words(word)}
      cancelText={words("cancel")}
      okButtonProps={{ danger, autoFocus: fields.length === 0 }}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={close}
      destroyOnHidden
    >
      {sure ? <Typography.Paragraph>{sure}</Typography.Paragraph> : null}
      <Form<Values> form={form} layout="vertical" onFinish={(values) => void submit(values)}>
        {fields.map((field) => (
          <Form.Item
            key={field.name}
            name={field.name}
            label={words(field.word)}
            extra={field.hint && words(field.hint)}
            initialValue={field.initial}
            valuePropName={field.kind === "switch" ? "checked" : "value"}
            rules={[{ required: !field.optional && field.kind !== "switch", message: words("needed") }]}
          >
            {inputOf(field)}
          </Form.Item>
        ))}
      </Form>
      {problem ? <Wrong problem={problem} /> : null}
    </Modal>
  );
}

function inputOf(field: Field) {
  const { kind = "text", options = [], most = 255 } = field;
  if (kind === "area") return <Input.TextArea rows={4} maxLength={field.most ?? 2000} />;
  if (kind === "number") return <InputNumber style={{ width: "100%" }} min={0} />;
  if (kind === "switch") return <Switch />;
  if (kind === "secret") return <Input.Password autoComplete="off" maxLength={most} />;
  if (kind === "date") return <Input type="date" />;
  if (kind === "moment") return <Input type="datetime-local" />;
  if (kind === "choice" || kind === "choices")
    return (
      <Select
        allowClear={field.optional ?? false}
        showSearch={{ optionFilterProp: "label" }}
        {...(kind === "choices" && { mode: "multiple" as const })}
        options={[...options]}
      />
    );
  return <Input maxLength={most} />;
}
