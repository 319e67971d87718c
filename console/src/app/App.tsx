import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import { RouterProvider } from "react-router";

import { isSignedOut, Problem } from "../api/problem";
import { forget } from "../api/session";
import { useLocale } from "../language/setup";
import { router } from "./routes";
import { themeFor, useDark } from "./theme";

const ATTEMPTS = 3;
const nonce = document.querySelector<HTMLMetaElement>("meta[name=style-nonce]")?.content ?? "";

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (isSignedOut(error)) forget(queries);
    },
  }),
  defaultOptions: { queries: { retry: (count, error) => !(error instanceof Problem) && count < ATTEMPTS } },
});

export function App() {
  const isDark = useDark();
  const locale = useLocale();
  return (
    <ConfigProvider csp={{ nonce }} theme={themeFor(isDark)} {...(locale && { locale })}>
      <AntApp>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
