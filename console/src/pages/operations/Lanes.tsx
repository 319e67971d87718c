import { Progress, Tag } from "antd";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { useColumns } from "../../parts/columns";
import { Listing } from "../../parts/Listing";

/** Queues before slow backends: how many may be at it at once, how many are, and who waits. */
export function Lanes() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/lanes">>();
  return (
    <Listing
      list="/v1/lanes"
      family="lanes"
      columns={[
        column.text("name", "lane"),
        column.show("in_use", "lane.in_use", (lane) => (
          <Progress
            size="small"
            style={{ width: 140 }}
            percent={lane.allowance ? Math.min(100, Math.round((lane.in_use / lane.allowance) * 100)) : 0}
            format={() => `${lane.in_use} / ${Math.floor(lane.allowance)}`}
            aria-label={words("lane.in_use")}
          />
        )),
        { ...column.text("waiting", "lane.waiting"), align: "right" },
        { ...column.text("floor", "lane.floor"), align: "right" },
        { ...column.text("ceiling", "lane.ceiling"), align: "right" },
        column.verbs((lane) => (
          <Ask
            word="edit"
            button={{ size: "small" }}
            sure={words("lane.sure", { name: lane.name })}
            fields={[
              { name: "floor", word: "lane.floor", kind: "number", initial: lane.floor },
              { name: "ceiling", word: "lane.ceiling", kind: "number", initial: lane.ceiling },
            ]}
            work={(given) =>
              answer(
                api.PUT("/v1/lanes/{name}", {
                  params: { path: { name: lane.name } },
                  body: { floor: given.number("floor"), ceiling: given.number("ceiling") },
                }),
              )
            }
          />
        )),
      ]}
      rowKey="name"
      empty={words("lane.none")}
    />
  );
}

/** What operations work with, and whether it answers. */
export function Backends() {
  const words = useWords();
  const column = useColumns<RowOf<"/v1/backends">>();
  return (
    <Listing
      list="/v1/backends"
      family="backends"
      columns={[
        column.text("name", "name"),
        column.show("up", "state", (backend) => (
          <Tag color={backend.down_since ? "error" : "success"}>
            {words(backend.down_since ? "host.down" : "host.up")}
          </Tag>
        )),
        column.at("down_since", "since"),
        { ...column.text("failures", "backend.failures"), align: "right" },
        column.text("problem", "problem"),
      ]}
      rowKey="name"
    />
  );
}
