import { Flex } from "antd";

import { answer, api, BACKGROUND } from "../api/client";
import { useWords } from "../language/setup";
import { Search, StateChoice, useFilter } from "../parts/filters";
import { Page } from "../parts/Page";
import { ServerList } from "./lists/ServerList";

const STATES = ["building", "active", "stopped", "recycled", "failed"] as const;
type State = (typeof STATES)[number];

export function Component() {
  const words = useWords();
  const [state, setState] = useFilter("state");
  const [hostname, setHostname] = useFilter("hostname");
  const [address, setAddress] = useFilter("address");
  const read = (after: string | undefined) =>
    answer(
      api.GET("/v1/servers", {
        params: {
          query: {
            limit: 50,
            ...(after && { after }),
            ...(state && { state: state as State }),
            ...(hostname && { hostname }),
            ...(address && { address }),
          },
        },
        headers: BACKGROUND,
      }),
    );
  return (
    <Page title={words("menu.servers")}>
      <Flex gap="small" wrap>
        <StateChoice states={STATES} value={state} choose={setState} />
        <Search word="hostname" value={hostname} choose={setHostname} />
        <Search word="address" value={address} choose={setAddress} />
      </Flex>
      <ServerList key={`${state} ${hostname} ${address}`} filter={[state, hostname, address]} read={read} />
    </Page>
  );
}
