import { useQuery } from "@tanstack/react-query";
import { Card, Skeleton } from "antd";
import { useParams } from "react-router";

import { answer, api, BACKGROUND } from "../api/client";
import { useWords } from "../language/setup";
import { FactSheet } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { ChainTimeline } from "./orders/ChainTimeline";
import { TodoCards } from "./todos/TodoCards";

/** Where the link of a mail leads: one request for approval; it is decided here, never by the link. */
export function Component() {
  const { id = "" } = useParams();
  const words = useWords();
  const params = { path: { chain_id: id } };
  const chain = useQuery({
    queryKey: ["chain", id],
    queryFn: () => answer(api.GET("/v1/chains/{chain_id}", { params, headers: BACKGROUND })),
  });
  if (chain.isPending) return <Skeleton active />;
  if (!chain.data) return <Trouble error={chain.error} again={() => void chain.refetch()} />;
  const open = chain.data.state === "pending";
  return (
    <Page title={chain.data.title}>
      <TodoCards quiet chain={id} />
      <Card title={words("approval.asked")}>
        <FactSheet facts={chain.data.facts} />
      </Card>
      <Card title={words("order.chain")}>
        <ChainTimeline id={id} live={open} />
      </Card>
    </Page>
  );
}
