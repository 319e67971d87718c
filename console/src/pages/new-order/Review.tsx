import { useQueryClient } from "@tanstack/react-query";
import { App, Descriptions, Flex, Modal, Typography } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { useNames, useWords } from "../../language/setup";
import { Wrong } from "../../parts/Wrong";
import { FactSheet } from "../../parts/Facts";
import { newKey } from "../../api/keys";
import { orderOf, type Wish } from "./kinds";

interface Props {
  wish: Wish;
  seen: Schemas["PreviewView"] | undefined;
  /** Id of the returned order that is changed and handed in again. */
  changes: string | null;
  close: () => void;
}

/** The whole order once more, before it is submitted; pressing twice submits it once. */
export function Review({ wish, seen, changes, close }: Props) {
  const words = useWords();
  const named = useNames();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [key] = useState(newKey);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const order = orderOf(wish);

  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const made = await (changes === null ? submitted(order, key) : changed(order, changes));
      void message.success(words("order.submitted"));
      void queries.invalidateQueries();
      await navigate(`/orders/${made.id}`);
    } catch (wrong) {
      setProblem(wrong);
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      width={720}
      title={words("order.review")}
      okText={words("order.submit")}
      cancelText={words("cancel")}
      confirmLoading={busy}
      onOk={() => void submit()}
      onCancel={close}
    >
      <Flex vertical gap="middle">
        <Descriptions
          size="small"
          column={2}
          items={[
            { key: "project", label: words("project"), children: order.project },
            { key: "until", label: words("until"), children: order.until ?? words("until.never") },
            { key: "purpose", label: words("purpose"), span: 2, children: order.purpose },
            {
              key: "cost",
              label: words("monthly"),
              children: seen?.order.monthly_cost ? `${seen.order.currency} ${seen.order.monthly_cost}` : "–",
            },
          ]}
        />
        {order.items.map((item, position) => (
          <div key={position}>
            <Typography.Text strong>{`${position + 1}. ${named("kind", item.kind)}`}</Typography.Text>
            <FactSheet facts={item} depth={1} />
          </div>
        ))}
        {problem ? <Wrong problem={problem} /> : null}
      </Flex>
    </Modal>
  );
}

function submitted(body: Schemas["NewOrder"], key: string) {
  return answer(api.POST("/v1/orders", { body, params: { header: { "Idempotency-Key": key } } }));
}

async function changed(body: Schemas["NewOrder"], orderId: string) {
  const params = { path: { order_id: orderId } };
  await answer(api.PUT("/v1/orders/{order_id}", { params, body }));
  return answer(api.POST("/v1/orders/{order_id}/resubmit", { params }));
}
