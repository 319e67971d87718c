import { createBrowserRouter } from "react-router";

import { Layout } from "./Layout";
import { Broken, Coming, Missing } from "./Missing";

// Each page is fetched when it is first opened: the first one has to be quick.
export const router = createBrowserRouter([
  { path: "/sign-in", lazy: () => import("../pages/SignIn"), ErrorBoundary: Broken, HydrateFallback: Coming },
  {
    path: "/",
    Component: Layout,
    ErrorBoundary: Broken,
    HydrateFallback: Coming,
    children: [
      { index: true, lazy: () => import("../pages/Home") },
      { path: "todos", lazy: () => import("../pages/Todos") },
      { path: "approvals/:id", lazy: () => import("../pages/Approval") },
      { path: "orders", lazy: () => import("../pages/Orders") },
      { path: "orders/new", lazy: () => import("../pages/NewOrder") },
      { path: "orders/:id", lazy: () => import("../pages/Order") },
      { path: "servers", lazy: () => import("../pages/Servers") },
      { path: "servers/:id", lazy: () => import("../pages/Server") },
      { path: "volumes", lazy: () => import("../pages/Volumes") },
      { path: "networks", lazy: () => import("../pages/Networks") },
      { path: "notices", lazy: () => import("../pages/Notices") },
      { path: "hosts", lazy: () => import("../pages/Hosts") },
      { path: "observed", lazy: () => import("../pages/Observed") },
      { path: "operations", lazy: () => import("../pages/Operations") },
      { path: "operations/:id", lazy: () => import("../pages/Operation") },
      { path: "capacity", lazy: () => import("../pages/Capacity") },
      { path: "alarms", lazy: () => import("../pages/Alarms") },
      { path: "audit", lazy: () => import("../pages/Audit") },
      { path: "*", Component: Missing },
    ],
  },
]);
