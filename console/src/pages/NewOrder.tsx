import { DeleteOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Card, Col, Flex, Form, Input, Row, Select, Skeleton, Typography } from "antd";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import { answer, api } from "../api/client";
import { Problem } from "../api/problem";
import { useNames, useWords } from "../language/setup";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { optionsOf, type Choices, useChoices } from "./new-order/choices";
import { ItemFields } from "./new-order/ItemFields";
import { type Draft, isComplete, OFFERS, orderOf, placeOf, type Wish } from "./new-order/kinds";
import { Preview } from "./new-order/Preview";
import { Review } from "./new-order/Review";
import { useRested } from "./new-order/useRested";

const REST_MS = 600;
const NOTHING: Wish = {};

/** What one wants; beside it what would come of it, as one types. A copy of another order, or a returned one, is filled in. */
export function Component() {
  const words = useWords();
  const [search] = useSearchParams();
  const from = search.get("change") ?? search.get("from");
  const choices = useChoices();
  const draft = useQuery({
    queryKey: ["draft", from],
    enabled: from !== null,
    queryFn: () => answer(api.GET("/v1/orders/{order_id}/draft", { params: { path: { order_id: from ?? "" } } })),
  });
  if (choices.isPending || (from !== null && draft.isPending)) return <Skeleton active />;
  if (choices.error) return <Trouble error={choices.error} again={() => void choices.refetch()} />;
  if (draft.error) return <Trouble error={draft.error} />;
  const kind = OFFERS.find((offer) => offer.kind === search.get("kind"));
  const begun: Wish = draft.data
    ? { ...draft.data, until: draft.data.until ?? "", items: draft.data.items as unknown as Draft[] }
    : { items: kind ? [{ kind: kind.kind, ...kind.begins }] : [] };
  return (
    <Page title={words(search.get("change") ? "order.change" : "order.new")}>
      <OrderForm choices={choices.data} begun={begun} changes={search.get("change")} />
    </Page>
  );
}

interface FormProps {
  choices: Choices;
  begun: Wish;
  changes: string | null;
}

function OrderForm({ choices, begun, changes }: FormProps) {
  const words = useWords();
  const [form] = Form.useForm<Wish>();
  const [reviewed, setReviewed] = useState(false);
  const wish = Form.useWatch<Wish | undefined>([], form);
  const rested = useRested(wish ?? NOTHING, REST_MS);
  const complete = isComplete(rested);
  const preview = useQuery({
    queryKey: ["preview", rested],
    enabled: complete && changes === null,
    placeholderData: keepPreviousData,
    queryFn: () => answer(api.POST("/v1/orders/preview", { body: orderOf(rested) })),
  });
  const options = optionsOf(choices, wish?.project);
  const needed = [{ required: true, message: words("needed") }];
  useEffect(() => {
    const place = preview.error instanceof Problem ? placeOf(preview.error.document.field) : null;
    if (place) form.setFields([{ name: place, errors: [preview.error?.message ?? ""] }]);
  }, [preview.error, form]);
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} lg={15} xl={16}>
        <Form<Wish> form={form} layout="vertical" initialValues={begun} onFinish={() => setReviewed(true)}>
          <Flex vertical gap="middle">
            <Card>
              <Form.Item name="project" label={words("project")} rules={needed}>
                <Select showSearch={{ optionFilterProp: "label" }} options={options.projects} />
              </Form.Item>
              <Form.Item name="purpose" label={words("purpose")} rules={needed}>
                <Input maxLength={500} />
              </Form.Item>
              <Form.Item name="until" label={words("until")} extra={words("until.hint")}>
                <Input type="date" style={{ width: 200 }} />
              </Form.Item>
            </Card>
            <Items options={options} wish={wish} />
            <Button type="primary" htmlType="submit" size="large" style={{ alignSelf: "start" }}>
              {words("order.submit")}
            </Button>
          </Flex>
        </Form>
      </Col>
      <Col xs={24} lg={9} xl={8}>
        <Preview
          seen={complete && !preview.error ? preview.data : undefined}
          error={complete ? preview.error : null}
          busy={preview.isFetching}
          project={wish?.project}
        />
      </Col>
      {reviewed ? (
        <Review wish={wish ?? {}} seen={preview.data} changes={changes} close={() => setReviewed(false)} />
      ) : null}
    </Row>
  );
}

function Items({ options, wish }: { options: ReturnType<typeof optionsOf>; wish: Wish | undefined }) {
  const words = useWords();
  const named = useNames();
  const items = wish?.items ?? [];
  const hostnames = items
    .filter((item) => item?.kind === "server" && typeof item.hostname === "string" && item.hostname)
    .map((item) => ({ value: String(item?.hostname), label: String(item?.hostname) }));
  return (
    <Form.List name="items" rules={[{ validator: (_, given?: unknown[]) => atLeastOne(given, words("order.empty")) }]}>
      {(fields, { add, remove }, { errors }) => (
        <>
          {fields.map(({ key, name }) => {
            const kind = items[name]?.kind ?? "server";
            return (
              <Card
                key={key}
                title={`${name + 1}. ${named("kind", kind)}`}
                extra={
                  <Button
                    type="text"
                    icon={<DeleteOutlined />}
                    aria-label={`${words("remove")} ${name + 1}`}
                    onClick={() => remove(name)}
                  />
                }
              >
                <Form.Item name={[name, "kind"]} hidden>
                  <Input />
                </Form.Item>
                <ItemFields kind={kind} at={name} options={options} hostnames={hostnames} />
              </Card>
            );
          })}
          <Typography.Title level={2} style={{ fontSize: 16, margin: 0 }}>
            {words(fields.length === 0 ? "order.what" : "order.more")}
          </Typography.Title>
          <div className="offers">
            {OFFERS.map((offer) => (
              <button
                key={offer.kind}
                type="button"
                className="offer"
                onClick={() => add({ kind: offer.kind, ...offer.begins })}
              >
                {offer.icon}
                <strong>{named("kind", offer.kind)}</strong>
                <span>{words(offer.about)}</span>
              </button>
            ))}
          </div>
          <Form.ErrorList errors={errors} />
        </>
      )}
    </Form.List>
  );
}

function atLeastOne(given: unknown[] | undefined, why: string): Promise<void> {
  return given && given.length > 0 ? Promise.resolve() : Promise.reject(new Error(why));
}
