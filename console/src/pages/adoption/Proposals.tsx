import { Flex, Space, Tag, Tooltip, Typography } from "antd";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import { Ask } from "../../parts/Ask";
import { Copied, NONE, useColumns } from "../../parts/columns";
import { Choice, Search, useFilter } from "../../parts/filters";
import { Listing } from "../../parts/Listing";
import { Size } from "../../parts/Size";

const RUNGS = ["observed", "waiting", "adopted", "managed"] as const;
type Proposal = RowOf<"/v1/adoption-proposals">;

/** Machines that were there before, and what speaks for whose they are. */
export function Proposals() {
  const words = useWords();
  const column = useColumns<Proposal>();
  const [rung, setRung] = useFilter("ladder");
  const [name, setName] = useFilter("name");
  const [region, setRegion] = useFilter("region");
  return (
    <Listing
      list="/v1/adoption-proposals"
      family="adoption"
      query={{ ladder: rung as (typeof RUNGS)[number], name, region }}
      filters={
        <>
          <Choice word="ladder" all="every_state" family="state" names={RUNGS} value={rung} choose={setRung} />
          <Search word="name" value={name} choose={setName} />
          <Search word="region" value={region} choose={setRegion} />
        </>
      }
      columns={[
        column.text("name", "name"),
        column.state("ladder"),
        column.text("region", "region"),
        column.show("addresses", "address", (machine) => (
          <Flex vertical>
            {machine.addresses.map((each) => (
              <Copied key={each} text={each} />
            ))}
          </Flex>
        )),
        column.show("size", "flavor", (machine) => (
          <Size vcpus={machine.vcpus} mib={machine.memory_mib} gib={machine.disk_gib} />
        )),
        column.show("project", "project", (machine) => (
          <Tooltip title={machine.evidence.map((each) => each.text).join("; ")}>
            {machine.project_name ?? NONE}{" "}
            {machine.agreed ? <Tag color="success">{words("adoption.agreed")}</Tag> : null}
          </Tooltip>
        )),
        column.show("obstacles", "problem", (machine) =>
          machine.obstacles.map((each) => (
            <Typography.Text key={each.code} type="danger">
              {each.text}
            </Typography.Text>
          )),
        ),
        column.show("server", "server", (machine) =>
          machine.server_id ? <Link to={`/servers/${machine.server_id}`}>{words("show")}</Link> : NONE,
        ),
      ]}
      rowKey="id"
      bulk={(chosen, done) => <Adopt chosen={chosen} done={done} />}
    />
  );
}

/** One batch for one application system; its owner's side is asked, and each machine has its own result. */
function Adopt({ chosen, done }: { chosen: Proposal[]; done: () => void }) {
  const words = useWords();
  return (
    <Space>
      {words("bulk.chosen", { number: chosen.length })}
      <Ask
        word="adoption.adopt"
        button={{ type: "primary" }}
        sure={words("adoption.sure")}
        fields={[
          { name: "project", word: "project.code", initial: chosen[0]?.project ?? "", most: 64 },
          { name: "reason", word: "reason" },
        ]}
        work={(given) =>
          answer(
            api.POST("/v1/adoptions", {
              body: {
                project: given.text("project"),
                reason: given.text("reason"),
                machines: chosen.map((machine) => ({ machine: machine.id, region: null, hostname: null })),
              },
            }),
          )
        }
        then={done}
      />
    </Space>
  );
}
