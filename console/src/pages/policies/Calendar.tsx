import { Alert, Tag } from "antd";

import type { RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import { useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

/** Days that are not what their weekday says: due times are counted on working days. */
export function Calendar() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/calendar">>();
  return (
    <>
      <Alert type="info" title={words("calendar.hint")} style={{ marginBottom: 12 }} />
      <Listing
        list="/v1/calendar"
        family="calendar"
        columns={[
          column.text("day", "calendar.day"),
          column.show("worked", "calendar.worked", (day) => (
            <Tag color={day.worked ? "processing" : "success"}>
              {words(day.worked ? "calendar.work" : "calendar.off")}
            </Tag>
          )),
          column.text("note", "comment"),
        ]}
        rowKey="day"
        empty={words("calendar.none")}
      />
    </>
  );
}
