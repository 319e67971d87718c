import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as charts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

import { useDark } from "../app/theme";

charts.use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export interface Series {
  name: string;
  type: "bar" | "line";
  data: (number | null)[];
  stack?: string;
  color?: string;
}

interface Props {
  label: string;
  categories: string[];
  series: Series[];
  /** Of what the numbers are. */
  unit: string;
  height?: number;
}

/** A plot that has the look of the page; what it shows is told in words beside it, for those who do not see it. */
export default function Plot({ label, categories, series, unit, height = 280 }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useDark();
  useEffect(() => {
    if (!place.current) return;
    const chart = charts.init(place.current, null, { renderer: "svg" });
    const ink = isDark ? "rgba(255,255,255,0.8)" : "rgba(0,0,0,0.75)";
    const faint = isDark ? "rgba(255,255,255,0.15)" : "rgba(0,0,0,0.1)";
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "inherit" },
      legend: { textStyle: { color: ink }, top: 0, itemGap: 28 },
      grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" } },
      xAxis: {
        type: "category",
        data: categories,
        axisLabel: { color: ink },
        axisLine: { lineStyle: { color: faint } },
      },
      yAxis: {
        type: "value",
        name: unit,
        nameTextStyle: { color: ink },
        axisLabel: { color: ink },
        splitLine: { lineStyle: { color: faint } },
      },
      series: series.map(({ color, ...one }) => ({ ...one, barMaxWidth: 48, ...(color && { itemStyle: { color } }) })),
    });
    const watcher = new ResizeObserver(() => chart.resize());
    watcher.observe(place.current);
    return () => {
      watcher.disconnect();
      chart.dispose();
    };
  }, [categories, series, unit, isDark]);
  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}
