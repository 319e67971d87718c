import type { RowOf } from "../api/lists";
import { useWords } from "../language/setup";
import { useColumns } from "../parts/columns";
import { useFilter } from "../parts/filters";
import { Listing } from "../parts/Listing";
import { Page } from "../parts/Page";
import { Segmented } from "antd";

export function Component() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/alarms">>();
  const [which, setWhich] = useFilter("which");
  return (
    <Page title={words("menu.alarms")}>
      <Listing
        list="/v1/alarms"
        family="alarms"
        query={{ active: which === "" }}
        filters={
          <Segmented
            value={which}
            onChange={setWhich}
            options={[
              { value: "", label: words("alarm.standing") },
              { value: "all", label: words("all") },
            ]}
          />
        }
        columns={[
          column.text("subject", "subject"),
          column.text("text", "alarm"),
          column.at("raised_at", "since"),
          column.at("cleared_at", "ended"),
        ]}
        rowKey="id"
        empty={words("alarm.none")}
      />
    </Page>
  );
}
