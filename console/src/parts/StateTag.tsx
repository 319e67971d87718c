import { Tag } from "antd";

import { useNames } from "../language/setup";

const GOOD = new Set(["active", "approved", "available", "attached", "delivered", "done", "ready", "succeeded"]);
const BAD = new Set(["failed", "needs_operator", "rejected", "partly_delivered", "confirmed"]);
const MOVING = new Set([
  "building",
  "creating",
  "delivering",
  "pending",
  "pending_approval",
  "queued",
  "running",
  "undoing",
  "waiting",
]);

function colour(state: string): string {
  if (GOOD.has(state)) return "success";
  if (BAD.has(state)) return "error";
  return MOVING.has(state) ? "processing" : "default";
}

export function StateTag({ state }: { state: string }) {
  const named = useNames();
  return <Tag color={colour(state)}>{named("state", state)}</Tag>;
}
