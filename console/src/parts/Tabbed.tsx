import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

import { useWords, type Word } from "../language/setup";

export interface Tab {
  key: string;
  word: Word;
  content: ReactNode;
}

/** Parts of a page, one at a time; which one stands in the address. */
export function Tabbed({ tabs }: { tabs: readonly (Tab | null)[] }) {
  const words = useWords();
  const [search, setSearch] = useSearchParams();
  const offered = tabs.filter((tab) => tab !== null);
  const wanted = search.get("tab");
  return (
    <Tabs
      activeKey={offered.find((tab) => tab.key === wanted)?.key ?? offered[0]?.key ?? ""}
      onChange={(key) => setSearch({ tab: key }, { replace: true })}
      destroyOnHidden
      items={offered.map((tab) => ({ key: tab.key, label: words(tab.word), children: tab.content }))}
    />
  );
}
