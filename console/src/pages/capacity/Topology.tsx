import { ApartmentOutlined, CloudOutlined, CloudServerOutlined, ClusterOutlined, HddOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Card, Empty, Skeleton, Space, Tag, Tree, type TreeDataNode, Typography } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { readWhole, type RowOf } from "../../api/lists";
import { useWords } from "../../language/setup";
import { Trouble } from "../../parts/Trouble";

type Pool = RowOf<"/v1/capacity">;

/** Region → zone → pool → host → server: pools at once, hosts and servers where one opens them. */
export function Topology() {
  const words = useWords();
  const [opened, setOpened] = useState<Record<string, TreeDataNode[]>>({});
  const pools = useQuery({ queryKey: ["capacity", "all"], queryFn: () => readWhole("/v1/capacity") });
  if (pools.isPending) return <Skeleton active />;
  if (pools.error) return <Trouble error={pools.error} again={() => void pools.refetch()} />;
  if (pools.data.length === 0) return <Empty description={words("pool.none")} />;

  const open = async (node: TreeDataNode) => {
    const [kind = "", id = ""] = String(node.key).split(" ");
    const children =
      kind === "pool" ? await hostsOf(id) : await serversOf(id, typeof node.title === "string" ? node.title : "");
    setOpened((before) => ({ ...before, [String(node.key)]: children }));
  };
  return (
    <Card>
      <Tree
        showIcon
        showLine
        selectable={false}
        defaultExpandAll
        treeData={regionsOf(pools.data, opened, words("capacity.no_zone"))}
        loadData={open}
      />
    </Card>
  );
}

function regionsOf(pools: Pool[], opened: Record<string, TreeDataNode[]>, without: string): TreeDataNode[] {
  const regions = Map.groupBy(pools, (pool) => pool.region);
  return [...regions].map(([region, inRegion]) => ({
    key: `region ${region}`,
    icon: <CloudOutlined />,
    title: <strong>{region}</strong>,
    children: [...Map.groupBy(inRegion, (pool) => pool.zone ?? "")].map(([zone, inZone]) => ({
      key: `zone ${region} ${zone}`,
      icon: <ApartmentOutlined />,
      title: zone || without,
      children: inZone.map((pool) => {
        const key = `pool ${pool.pool_id}`;
        const hosts = opened[key]?.map((host) => withServers(host, opened[String(host.key)]));
        return { key, icon: <ClusterOutlined />, title: <PoolLine pool={pool} />, ...(hosts && { children: hosts }) };
      }),
    })),
  }));
}

function PoolLine({ pool }: { pool: Pool }) {
  const words = useWords();
  return (
    <Space size="small">
      <Link to={`/hosts?pool=${pool.pool_id}`}>{pool.name}</Link>
      <Tag>{pool.hypervisor}</Tag>
      <Typography.Text type="secondary">{words("capacity.hosts", { number: pool.hosts })}</Typography.Text>
      {pool.survives_a_host ? null : <Tag color="error">{words("capacity.at_risk")}</Tag>}
    </Space>
  );
}

async function hostsOf(poolId: string): Promise<TreeDataNode[]> {
  const hosts = await readWhole("/v1/hosts", { pool: poolId });
  return hosts.map((host) => ({
    key: `host ${poolId} ${host.id}`,
    icon: <HddOutlined />,
    title: host.name,
  }));
}

async function serversOf(poolId: string, host: string): Promise<TreeDataNode[]> {
  const servers = await readWhole("/v1/servers", { pool: poolId, host });
  return servers.map((server) => ({
    key: `server ${server.id}`,
    icon: <CloudServerOutlined />,
    title: <Link to={`/servers/${server.id}`}>{server.hostname}</Link>,
    isLeaf: true,
  }));
}

function withServers(host: TreeDataNode, servers: TreeDataNode[] | undefined): TreeDataNode {
  if (servers === undefined) return host;
  return servers.length > 0 ? { ...host, children: servers } : { ...host, isLeaf: true };
}
