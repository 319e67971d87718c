import { createBrowserRouter } from "react-router";

import { Unreachable } from "../api/problem";
import { Layout } from "./Layout";
import { Broken, Coming, Missing } from "./Missing";

/** Fetch a page; where that fails the node went away, or a release came: the browser has to begin anew. */
function page<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return () =>
    load().catch((wrong: unknown) => {
      throw new Unreachable(String(wrong));
    });
}

// Each page is fetched when it is first opened: the first one has to be quick.
export const router = createBrowserRouter([
  { path: "/sign-in", lazy: page(() => import("../pages/SignIn")), ErrorBoundary: Broken, HydrateFallback: Coming },
  {
    path: "/",
    Component: Layout,
    ErrorBoundary: Broken,
    HydrateFallback: Coming,
    children: [
      { index: true, lazy: page(() => import("../pages/Home")) },
      { path: "todos", lazy: page(() => import("../pages/Todos")) },
      { path: "approvals/:id", lazy: page(() => import("../pages/Approval")) },
      { path: "orders", lazy: page(() => import("../pages/Orders")) },
      { path: "orders/new", lazy: page(() => import("../pages/NewOrder")) },
      { path: "orders/:id", lazy: page(() => import("../pages/Order")) },
      { path: "servers", lazy: page(() => import("../pages/Servers")) },
      { path: "servers/:id", lazy: page(() => import("../pages/Server")) },
      { path: "volumes", lazy: page(() => import("../pages/Volumes")) },
      { path: "snapshots/:id", lazy: page(() => import("../pages/Snapshot")) },
      { path: "networks", lazy: page(() => import("../pages/Networks")) },
      { path: "networks/:code", lazy: page(() => import("../pages/Network")) },
      { path: "projects", lazy: page(() => import("../pages/Projects")) },
      { path: "projects/:code", lazy: page(() => import("../pages/Project")) },
      { path: "catalogue", lazy: page(() => import("../pages/Catalogue")) },
      { path: "quotas", lazy: page(() => import("../pages/Quotas")) },
      { path: "notices", lazy: page(() => import("../pages/Notices")) },
      { path: "account", lazy: page(() => import("../pages/Account")) },
      { path: "regions", lazy: page(() => import("../pages/Regions")) },
      { path: "regions/:code", lazy: page(() => import("../pages/Region")) },
      { path: "hosts", lazy: page(() => import("../pages/Hosts")) },
      { path: "observed", lazy: page(() => import("../pages/Observed")) },
      { path: "operations", lazy: page(() => import("../pages/Operations")) },
      { path: "operations/:id", lazy: page(() => import("../pages/Operation")) },
      { path: "capacity", lazy: page(() => import("../pages/Capacity")) },
      { path: "alarms", lazy: page(() => import("../pages/Alarms")) },
      { path: "people", lazy: page(() => import("../pages/People")) },
      { path: "policies", lazy: page(() => import("../pages/Policies")) },
      { path: "audit", lazy: page(() => import("../pages/Audit")) },
      { path: "*", Component: Missing },
    ],
  },
]);
