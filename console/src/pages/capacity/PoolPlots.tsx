import { useQuery } from "@tanstack/react-query";
import { Card, Col, Empty, Row, Skeleton } from "antd";
import { lazy, Suspense, useMemo } from "react";

import { readWhole, type RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import type { Series } from "../../parts/Plot";
import { Trouble } from "../../parts/Trouble";

const Plot = lazy(() => import("../../parts/Plot"));
type Pool = RowOf<"/v1/capacity">;
type Resource = keyof Pool["size"];

const MIB_A_GIB = 1024;
const COLOURS = { delivered: "#8a6d1d", held: "#d9b84a", free: "#7d9db5" };

/** Each resource of every pool: delivered, held and free, side by side. */
export function PoolPlots() {
  const words = useWords();
  const pools = useQuery({ queryKey: ["capacity", "all"], queryFn: () => readWhole("/v1/capacity") });
  if (pools.isPending) return <Skeleton active />;
  if (pools.error) return <Trouble error={pools.error} again={() => void pools.refetch()} />;
  if (pools.data.length === 0) return <Empty description={words("pool.none")} />;
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} xl={12}>
        <Resource pools={pools.data} resource="vcpus" title={words("vcpus")} unit="vCPU" divisor={1} />
      </Col>
      <Col xs={24} xl={12}>
        <Resource pools={pools.data} resource="memory_mib" title={words("memory")} unit="GiB" divisor={MIB_A_GIB} />
      </Col>
      <Col xs={24} xl={12}>
        <Resource pools={pools.data} resource="disk_gib" title={words("disk")} unit="GiB" divisor={1} />
      </Col>
    </Row>
  );
}

interface Props {
  pools: Pool[];
  resource: Resource;
  title: string;
  unit: string;
  divisor: number;
}

function Resource({ pools, resource, title, unit, divisor }: Props) {
  const words = useWords();
  const categories = useMemo(() => pools.map((pool) => `${pool.region}\n${pool.name}`), [pools]);
  const [delivered, held, free] = [words("capacity.delivered"), words("held"), words("capacity.free")];
  const series = useMemo<Series[]>(() => {
    const part = (name: string, of: "delivered" | "held" | "free"): Series => ({
      name,
      type: "bar",
      stack: "all",
      color: COLOURS[of],
      data: pools.map((pool) => Math.round((pool[of][resource] / divisor) * 10) / 10),
    });
    return [part(delivered, "delivered"), part(held, "held"), part(free, "free")];
  }, [pools, resource, divisor, delivered, held, free]);
  return (
    <Card title={title}>
      <Suspense fallback={<Skeleton active />}>
        <Plot label={`${title}: ${delivered}, ${held}, ${free}`} {...{ categories, series, unit }} />
      </Suspense>
    </Card>
  );
}
