import { Alert } from "antd";

import { Problem } from "../api/problem";
import { useWords } from "../language/setup";

/** Why it was not done, with what to do about it. */
export function Wrong({ problem }: { problem: unknown }) {
  const words = useWords();
  const known = problem instanceof Problem;
  return (
    <Alert
      type="error"
      showIcon
      title={known ? problem.message : words("trouble.away")}
      description={known ? problem.document.hint : undefined}
    />
  );
}
