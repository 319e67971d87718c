import { App } from "antd";
import { useNavigate } from "react-router";

import type { Schemas } from "../api/client";
import { useWords } from "../language/setup";

export type Answered = Schemas["OperationView"] | Schemas["OrderInsteadView"];

/** Show what a verb led to: an operation, whose steps are seen where one is; or an order, where the policy wants a yes. */
export function useAnswered(): (answered: Answered) => void {
  const words = useWords();
  const navigate = useNavigate();
  const { message } = App.useApp();
  return (answered) => {
    const ordered = "number" in answered;
    void message.info(words(ordered ? "server.ordered_instead" : "server.asked"));
    if (ordered) void navigate(`/orders/${answered.id}`);
  };
}
