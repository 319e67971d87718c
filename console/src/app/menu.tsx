import {
  AlertOutlined,
  ApartmentOutlined,
  AuditOutlined,
  CheckSquareOutlined,
  CloudServerOutlined,
  DashboardOutlined,
  DatabaseOutlined,
  EyeOutlined,
  HddOutlined,
  HomeOutlined,
  NotificationOutlined,
  ProfileOutlined,
  ThunderboltOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

import type { Me } from "../api/session";
import type { Word } from "../language/setup";

export interface Place {
  path: string;
  word: Word;
  icon: ReactNode;
  /** What one has to be allowed anywhere to be offered it; the API decides what is seen there. */
  needs?: string;
}

export const PLACES: readonly Place[] = [
  { path: "/", word: "menu.home", icon: <HomeOutlined /> },
  { path: "/todos", word: "menu.todos", icon: <CheckSquareOutlined /> },
  { path: "/orders", word: "menu.orders", icon: <ProfileOutlined />, needs: "order.read" },
  { path: "/servers", word: "menu.servers", icon: <CloudServerOutlined />, needs: "server.read" },
  { path: "/volumes", word: "menu.volumes", icon: <DatabaseOutlined />, needs: "volume.read" },
  { path: "/networks", word: "menu.networks", icon: <ApartmentOutlined />, needs: "network.read" },
  { path: "/notices", word: "menu.notices", icon: <NotificationOutlined /> },
  { path: "/operations", word: "menu.operations", icon: <ThunderboltOutlined />, needs: "operation.operate" },
  { path: "/capacity", word: "menu.capacity", icon: <DashboardOutlined />, needs: "capacity.read" },
  { path: "/hosts", word: "menu.hosts", icon: <HddOutlined />, needs: "capacity.read" },
  { path: "/observed", word: "menu.observed", icon: <EyeOutlined />, needs: "operation.operate" },
  { path: "/alarms", word: "menu.alarms", icon: <AlertOutlined />, needs: "operation.operate" },
  { path: "/audit", word: "menu.audit", icon: <AuditOutlined />, needs: "audit.read" },
];

export function placesFor(me: Me): Place[] {
  return PLACES.filter((place) => place.needs === undefined || me.may(place.needs));
}
