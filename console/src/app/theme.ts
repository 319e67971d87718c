import { theme, type ThemeConfig } from "antd";
import { useSyncExternalStore } from "react";

export type Appearance = "light" | "dark" | "system";

const KEPT = "jinyun.appearance";
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function appearance(): Appearance {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function appear(chosen: Appearance): void {
  localStorage.setItem(KEPT, chosen);
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  dark.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    dark.removeEventListener("change", listener);
  };
}

export function useDark(): boolean {
  return useSyncExternalStore(subscribe, () => appearance() === "dark" || (appearance() === "system" && dark.matches));
}

/** Ant Design's words for the look: calm, with the gold of the name; texts and signs have WCAG AA's contrast. */
export function themeFor(isDark: boolean): ThemeConfig {
  return isDark ? DARK : LIGHT;
}

const LIGHT: ThemeConfig = {
  algorithm: theme.defaultAlgorithm,
  token: {
    borderRadius: 6,
    colorPrimary: "#7a5c00",
    colorLink: "#7a5c00",
    colorSuccess: "#237804",
    colorSuccessBg: "#f6ffed",
    colorError: "#cf1322",
    colorInfo: "#0958d9",
    colorWarning: "#874d00",
    colorWarningBg: "#fffbe6",
    colorWarningBorder: "#ffe58f",
    colorTextSecondary: "rgba(0, 0, 0, 0.68)",
    colorTextTertiary: "rgba(0, 0, 0, 0.62)",
    colorTextDescription: "rgba(0, 0, 0, 0.62)",
  },
  components: { Menu: { itemSelectedBg: "#f6efd8" } },
};

const DARK: ThemeConfig = {
  algorithm: theme.darkAlgorithm,
  token: {
    borderRadius: 6,
    colorPrimary: "#c9a227",
    colorLink: "#d9b84a",
    colorInfo: "#69b1ff",
    colorError: "#ff7875",
    colorWarning: "#ffc53d",
    colorTextSecondary: "rgba(255, 255, 255, 0.75)",
    colorTextTertiary: "rgba(255, 255, 255, 0.68)",
    colorTextDescription: "rgba(255, 255, 255, 0.68)",
  },
  components: { Menu: { itemSelectedBg: "#3d3415", itemSelectedColor: "#f0d98c" }, Button: { primaryColor: "#000" } },
};
