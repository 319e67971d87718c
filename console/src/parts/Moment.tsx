import { Tooltip, Typography } from "antd";
import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime";

import { language } from "../language/setup";

dayjs.extend(relativeTime);

/** A moment as one says it, in the reader's zone; exact on hover. */
export function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return <Typography.Text type="secondary">–</Typography.Text>;
  const moment = dayjs(at).locale(language() === "zh" ? "zh-cn" : "en");
  return (
    <Tooltip title={moment.format("YYYY-MM-DD HH:mm:ss Z")}>
      <time dateTime={at}>{moment.fromNow()}</time>
    </Tooltip>
  );
}
