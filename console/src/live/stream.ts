import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { SELF } from "../api/session";
import { hintsOf, staleAfter } from "./kinds";

type Standing = "connecting" | "live" | "lost";

const SILENCE_MS = 40_000; // the server says something every 15 seconds
const AGAIN_MS = 3_000;
const GATHER_MS = 500;
const PATIENCE_MS = 4_000;

let standing: Standing = "connecting";
const listeners = new Set<() => void>();

function stand(now: Standing): void {
  if (standing === now) return;
  standing = now;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useStanding(): Standing {
  return useSyncExternalStore(subscribe, () => standing);
}

/** How often to read something again by itself: seldom while the server tells what changed. */
export function useRefresh(ms: number): number {
  return useStanding() === "live" ? Math.max(ms * 6, 30_000) : ms;
}

/** Listen to what changed while the page is seen; return what ends it. A page in the background holds no connection. */
export function listen(queries: QueryClient): () => void {
  let source: EventSource | null = null;
  let timers: number[] = [];
  let stale = new Set<string>();
  let gathering = 0;
  let missed = false;
  let patience = 0;

  const readAgain = () => {
    gathering = 0;
    const families = stale;
    stale = new Set();
    void queries.invalidateQueries({ predicate: (query) => families.has(String(query.queryKey[0])) });
  };
  const heard = () => {
    clearTimers();
    window.clearTimeout(patience);
    patience = 0;
    stand("live");
    timers.push(window.setTimeout(open, SILENCE_MS));
    if (missed) void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== SELF[0] });
    missed = false;
  };
  const clearTimers = () => {
    timers.forEach((timer) => window.clearTimeout(timer));
    timers = [];
  };
  const lost = () => {
    missed = true;
    clearTimers();
    patience ||= window.setTimeout(() => stand("lost"), PATIENCE_MS); // from the first failure on
    if (source?.readyState === EventSource.CLOSED) {
      timers.push(window.setTimeout(open, AGAIN_MS));
      // refused: because nobody is signed in any more, or because there is no API node
      void queries.invalidateQueries({ queryKey: SELF });
    }
  };
  const close = () => {
    clearTimers();
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    source = new EventSource("/v1/changes");
    source.addEventListener("heartbeat", heard);
    source.addEventListener("changes", (event: MessageEvent) => {
      heard();
      staleAfter(hintsOf(event.data)).forEach((family) => stale.add(family));
      gathering ||= window.setTimeout(readAgain, GATHER_MS);
    });
    source.addEventListener("end", () => {
      source?.close();
      lost();
    });
    source.onerror = lost;
  };
  const seen = () => {
    if (document.hidden) {
      close();
      missed = true;
    } else if (!source) open();
  };

  const cutOff = () => {
    close();
    missed = true;
    stand("lost");
  };

  document.addEventListener("visibilitychange", seen);
  window.addEventListener("offline", cutOff);
  window.addEventListener("online", seen);
  seen();
  return () => {
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("offline", cutOff);
    window.removeEventListener("online", seen);
    window.clearTimeout(gathering);
    window.clearTimeout(patience);
    close();
    stand("connecting");
  };
}
