import { Spin } from "antd";
import { useRouteError } from "react-router";

import { useWords } from "../language/setup";
import { Nothing, Trouble } from "../parts/Trouble";

export function Missing() {
  const words = useWords();
  return <Nothing title={words("missing.title")} why={words("missing.page")} />;
}

export function Broken() {
  return <Trouble error={useRouteError()} again={() => window.location.reload()} />;
}

export function Coming() {
  return <Spin fullscreen />;
}
