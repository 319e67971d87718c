import { useQuery } from "@tanstack/react-query";
import { Card, Empty, Flex, Segmented, Select, Skeleton } from "antd";
import { lazy, Suspense, useMemo } from "react";

import { readWhole, type RowOf } from "../../api/lists";
import { language, useNames, useWords } from "../../language/setup";
import { Choice, useFilter } from "../../parts/filters";
import type { Series } from "../../parts/Plot";
import { Trouble } from "../../parts/Trouble";

const Plot = lazy(() => import("../../parts/Plot"));
type Sample = RowOf<"/v1/capacity/samples">;

const KINDS = ["pool", "tier", "store", "cluster"] as const;
const STEPS = {
  day: { step: "10m", days: 1 },
  month: { step: "1h", days: 30 },
  year: { step: "1d", days: 365 },
} as const;
const AMOUNTS = ["vcpus", "memory_mib", "disk_gib"] as const;
const FIGURES = ["size", "used", "allocated", "held"] as const;
const MIB_A_GIB = 1024;
const DAY_MS = 86_400_000;

type Span = keyof typeof STEPS;
type Amount = (typeof AMOUNTS)[number];

/** How full something was over a day, a month or a year, against what may be promised of it. */
export function Trend() {
  const words = useWords();
  const [kindChosen, setKind] = useFilter("of");
  const [spanChosen, setSpan] = useFilter("span");
  const [subjectChosen, setSubject] = useFilter("subject");
  const kind = KINDS.find((each) => each === kindChosen) ?? "pool";
  const span: Span = spanChosen === "month" || spanChosen === "year" ? spanChosen : "day";
  const samples = useQuery({
    queryKey: ["capacity", "samples", kind, span],
    queryFn: () =>
      readWhole("/v1/capacity/samples", {
        kind,
        step: STEPS[span].step,
        from: new Date(Date.now() - STEPS[span].days * DAY_MS).toISOString(),
      }),
  });
  if (samples.isPending) return <Skeleton active />;
  if (samples.error) return <Trouble error={samples.error} again={() => void samples.refetch()} />;
  const subjects = new Map(samples.data.map((sample) => [sample.subject, `${sample.region} / ${sample.name}`]));
  const subject = subjects.has(subjectChosen) ? subjectChosen : [...subjects.keys()][0];
  const chosen = samples.data.filter((sample) => sample.subject === subject);
  return (
    <Flex vertical gap="middle">
      <Flex gap="small" wrap>
        <Choice word="kind" all="trend.pool" family="kind" names={KINDS.slice(1)} value={kindChosen} choose={setKind} />
        <Select
          aria-label={words("name")}
          style={{ minWidth: 220 }}
          value={subject ?? null}
          onChange={setSubject}
          options={[...subjects].map(([value, label]) => ({ value, label }))}
        />
        <Segmented<Span>
          value={span}
          onChange={setSpan}
          options={(Object.keys(STEPS) as Span[]).map((each) => ({ value: each, label: words(`trend.${each}`) }))}
        />
      </Flex>
      {chosen.length === 0 ? <Empty description={words("trend.none")} /> : null}
      {AMOUNTS.filter((amount) => chosen.some((sample) => amount in (sample.figures.size ?? {}))).map((amount) => (
        <AmountPlot key={amount} samples={chosen} amount={amount} span={span} />
      ))}
    </Flex>
  );
}

function AmountPlot({ samples, amount, span }: { samples: Sample[]; amount: Amount; span: Span }) {
  const words = useWords();
  const named = useNames();
  const divisor = amount === "memory_mib" ? MIB_A_GIB : 1;
  const categories = useMemo(() => {
    const format = new Intl.DateTimeFormat(
      language(),
      span === "day" ? { hour: "2-digit", minute: "2-digit" } : { month: "2-digit", day: "2-digit" },
    );
    return samples.map((sample) => format.format(new Date(sample.at)));
  }, [samples, span]);
  const labels = FIGURES.map((figure) => named("figure", figure)).join("|");
  const series = useMemo<Series[]>(
    () =>
      FIGURES.filter((figure) => samples.some((sample) => amount in (sample.figures[figure] ?? {}))).map((figure) => ({
        name: labels.split("|")[FIGURES.indexOf(figure)] ?? figure,
        type: "line",
        data: samples.map((sample) => {
          const value = sample.figures[figure]?.[amount];
          return value === undefined ? null : Math.round((value / divisor) * 10) / 10;
        }),
      })),
    [samples, amount, divisor, labels],
  );
  const title = words(amount === "vcpus" ? "vcpus" : amount === "memory_mib" ? "memory" : "disk");
  return (
    <Card title={title}>
      <Suspense fallback={<Skeleton active />}>
        <Plot label={title} {...{ categories, series }} unit={amount === "vcpus" ? "vCPU" : "GiB"} />
      </Suspense>
    </Card>
  );
}
