import { useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { useEffect } from "react";

import { useWords } from "../language/setup";
import { listen, useStanding } from "./stream";

/** Keeps what is on the screen in step, and says so when it cannot. */
export function Live() {
  const words = useWords();
  const queries = useQueryClient();
  const standing = useStanding();
  useEffect(() => listen(queries), [queries]);
  if (standing !== "lost") return null;
  return <Alert banner type="warning" role="status" title={words("live.lost")} />;
}
