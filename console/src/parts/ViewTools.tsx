import { LinkOutlined, SettingOutlined } from "@ant-design/icons";
import { App, Button, Checkbox, Flex, Popover, Tooltip } from "antd";

import { useWords } from "../language/setup";
import type { Columns } from "./columns";

const SEPARATOR = ".";

interface Props<Row> {
  columns: Columns<Row>;
  hidden: string;
  hide: (hidden: string) => void;
}

/** Choose the columns of a list, and take its view along: filters and columns stand in the page's address. */
export function ViewTools<Row extends object>({ columns, hidden, hide }: Props<Row>) {
  const words = useWords();
  const { message } = App.useApp();
  const [first, ...others] = columns;
  const out = new Set(hidden.split(SEPARATOR).filter(Boolean));
  if (!first || others.length < 2) return null;
  const turn = (key: string, shown: boolean) => {
    if (shown) out.delete(key);
    else out.add(key);
    hide([...out].join(SEPARATOR));
  };
  const copy = () =>
    void navigator.clipboard.writeText(window.location.href).then(() => message.success(words("view.copied")));
  const choice = (
    <Flex vertical gap={4}>
      {others.map((column) => (
        <Checkbox
          key={column.key}
          checked={!out.has(column.key)}
          disabled={!column.title}
          onChange={(event) => turn(column.key, event.target.checked)}
        >
          {column.title || words("action")}
        </Checkbox>
      ))}
    </Flex>
  );
  return (
    <Flex gap={4} style={{ marginInlineStart: "auto" }}>
      <Popover content={choice} trigger="click" placement="bottomRight">
        <Tooltip title={words("view.columns")}>
          <Button type="text" icon={<SettingOutlined />} aria-label={words("view.columns")} />
        </Tooltip>
      </Popover>
      <Tooltip title={words("view.copy")}>
        <Button type="text" icon={<LinkOutlined />} aria-label={words("view.copy")} onClick={copy} />
      </Tooltip>
    </Flex>
  );
}

/** Leave out the columns that the reader does not want. */
export function shownOf<Row>(columns: Columns<Row>, hidden: string): Columns<Row> {
  const out = new Set(hidden.split(SEPARATOR));
  return columns.filter((column, position) => position === 0 || !out.has(column.key));
}
