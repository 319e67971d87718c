import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";

import { Problem } from "../api/problem";
import { useWords } from "../language/setup";

/** Do something that changes the system; say how it went, and read again what is on the screen. */
export function useDoing<Input, Output>(work: (input: Input) => Promise<Output>, done?: string) {
  const { message, notification } = App.useApp();
  const words = useWords();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSuccess: () => {
      if (done) void message.success(done);
    },
    onError: (error) =>
      notification.error({
        title: error instanceof Problem ? error.message : words("trouble.away"),
        description: error instanceof Problem ? error.document.hint : undefined,
      }),
    onSettled: () => queries.invalidateQueries(),
  });
}
