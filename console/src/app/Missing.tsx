import { Spin } from "antd";
import { useEffect } from "react";
import { useRouteError } from "react-router";

import { Unreachable } from "../api/problem";
import { useWords } from "../language/setup";
import { Nothing, Trouble } from "../parts/Trouble";

export function Missing() {
  const words = useWords();
  return <Nothing title={words("missing.title")} why={words("missing.page")} />;
}

const LOOK_MS = 2_000;
const REST_MS = 30_000;
const RELOADED = "jinyun.reloaded";

/** What went wrong with a page; one that could not be fetched is fetched again once somebody answers. */
export function Broken() {
  const error = useRouteError();
  const away = error instanceof Unreachable;
  useEffect(() => {
    if (!away || Date.now() - Number(sessionStorage.getItem(RELOADED)) < REST_MS) return;
    const look = async () => {
      const answered = await fetch("/v1/health").catch(() => null);
      if (!answered?.ok) return;
      sessionStorage.setItem(RELOADED, String(Date.now()));
      window.location.reload();
    };
    const timer = window.setInterval(() => void look(), LOOK_MS);
    return () => window.clearInterval(timer);
  }, [away]);
  return <Trouble error={error} again={() => window.location.reload()} />;
}

export function Coming() {
  return <Spin fullscreen />;
}
