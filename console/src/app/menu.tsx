import {
  AlertOutlined,
  ApartmentOutlined,
  AppstoreOutlined,
  AuditOutlined,
  CheckSquareOutlined,
  CloudOutlined,
  CloudServerOutlined,
  DashboardOutlined,
  DatabaseOutlined,
  EyeOutlined,
  HddOutlined,
  HomeOutlined,
  NotificationOutlined,
  PartitionOutlined,
  PieChartOutlined,
  ProfileOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

import type { Me } from "../api/session";
import type { Word } from "../language/setup";

/** Parts of the menu, in order: what is one's own, what one has, what keeps it running, who may what. */
export const GROUPS = ["own", "resources", "operating", "security"] as const;

export interface Place {
  path: string;
  word: Word;
  icon: ReactNode;
  group: (typeof GROUPS)[number];
  /** What one has to be allowed anywhere to be offered it; the API decides what is seen there. */
  needs?: string;
}

export const PLACES: readonly Place[] = [
  { group: "own", path: "/", word: "menu.home", icon: <HomeOutlined /> },
  { group: "own", path: "/todos", word: "menu.todos", icon: <CheckSquareOutlined /> },
  { group: "own", path: "/orders", word: "menu.orders", icon: <ProfileOutlined />, needs: "order.read" },
  { group: "own", path: "/notices", word: "menu.notices", icon: <NotificationOutlined /> },
  { group: "resources", path: "/projects", word: "menu.projects", icon: <AppstoreOutlined />, needs: "project.read" },
  { group: "resources", path: "/servers", word: "menu.servers", icon: <CloudServerOutlined />, needs: "server.read" },
  { group: "resources", path: "/volumes", word: "menu.volumes", icon: <DatabaseOutlined />, needs: "volume.read" },
  { group: "resources", path: "/networks", word: "menu.networks", icon: <ApartmentOutlined />, needs: "network.read" },
  { group: "resources", path: "/catalogue", word: "menu.catalogue", icon: <TagsOutlined />, needs: "catalog.read" },
  { group: "resources", path: "/quotas", word: "menu.quotas", icon: <PieChartOutlined />, needs: "quota.read" },
  {
    group: "operating",
    path: "/operations",
    word: "menu.operations",
    icon: <ThunderboltOutlined />,
    needs: "operation.operate",
  },
  { group: "operating", path: "/alarms", word: "menu.alarms", icon: <AlertOutlined />, needs: "operation.operate" },
  { group: "operating", path: "/capacity", word: "menu.capacity", icon: <DashboardOutlined />, needs: "capacity.read" },
  { group: "operating", path: "/regions", word: "menu.regions", icon: <CloudOutlined />, needs: "capacity.read" },
  { group: "operating", path: "/hosts", word: "menu.hosts", icon: <HddOutlined />, needs: "capacity.read" },
  { group: "operating", path: "/observed", word: "menu.observed", icon: <EyeOutlined />, needs: "operation.operate" },
  { group: "security", path: "/people", word: "menu.people", icon: <TeamOutlined />, needs: "person.read" },
  { group: "security", path: "/policies", word: "menu.policies", icon: <PartitionOutlined />, needs: "policy.read" },
  { group: "security", path: "/audit", word: "menu.audit", icon: <AuditOutlined />, needs: "audit.read" },
];

export function placesFor(me: Me): Place[] {
  return PLACES.filter((place) => place.needs === undefined || me.may(place.needs));
}
