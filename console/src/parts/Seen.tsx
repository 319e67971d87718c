import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import type { ReactNode } from "react";

import { useRefresh } from "../live/stream";
import { Trouble } from "./Trouble";

const REFRESH_MS = 10_000;

interface Props<Thing> {
  queryKey: readonly unknown[];
  read: () => Promise<Thing>;
  refresh?: number;
  children: (thing: Thing) => ReactNode;
}

/** One thing: a sketch of it while it is read, what is wrong where it cannot be, and then itself. */
export function Seen<Thing>({ queryKey, read, refresh = REFRESH_MS, children }: Props<Thing>) {
  const thing = useQuery({ queryKey, queryFn: read, refetchInterval: useRefresh(refresh) });
  const again = () => void thing.refetch();
  if (thing.isPending) return <Skeleton active />;
  if (thing.data === undefined) return <Trouble error={thing.error} again={again} />;
  return (
    <>
      {thing.error ? <Trouble error={thing.error} again={again} /> : null}
      {children(thing.data)}
    </>
  );
}
