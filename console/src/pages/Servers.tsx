import { Flex, Input, Select } from "antd";

import { answer, api, BACKGROUND } from "../api/client";
import { useNames, useWords } from "../language/setup";
import { useFilter } from "../parts/filters";
import { Page } from "../parts/Page";
import { ServerList } from "./lists/ServerList";

const STATES = ["building", "active", "stopped", "recycled", "failed"] as const;
type State = (typeof STATES)[number];

export function Component() {
  const words = useWords();
  const named = useNames();
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
        <Select
          aria-label={words("state")}
          style={{ width: 180 }}
          value={state}
          onChange={setState}
          options={[
            { value: "", label: words("every_state") },
            ...STATES.map((each) => ({ value: each, label: named("state", each) })),
          ]}
        />
        <Input.Search
          aria-label={words("hostname")}
          allowClear
          placeholder={words("hostname")}
          defaultValue={hostname}
          onSearch={setHostname}
          style={{ width: 220 }}
        />
        <Input.Search
          aria-label={words("address")}
          allowClear
          placeholder={words("address")}
          defaultValue={address}
          onSearch={setAddress}
          style={{ width: 200 }}
        />
      </Flex>
      <ServerList key={`${state} ${hostname} ${address}`} filter={[state, hostname, address]} read={read} />
    </Page>
  );
}
