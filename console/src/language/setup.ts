import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";
export type Words = Record<keyof typeof en, string>;
export type Word = keyof typeof en;

const KEPT = "jinyun.language";

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

void i18next.use(initReactI18next).init({
  lng: first(),
  fallbackLng: false,
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false }, // React escapes
  resources: { en: { translation: en }, zh: { translation: zh } },
});
document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";

export function language(): Language {
  return i18next.language === "zh" ? "zh" : "en";
}

export async function speak(chosen: Language): Promise<void> {
  localStorage.setItem(KEPT, chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  await i18next.changeLanguage(chosen);
}

/** Return the function that puts a word of ours into the reader's language. */
export function useWords(): (word: Word, values?: Record<string, string | number>) => string {
  const { t } = useTranslation();
  return (word, values = {}) => t(word, values);
}

/** Return the words of a name from a fixed set, such as a state; a name that is not known is shown as it is. */
export function useNames(): (family: "state" | "kind" | "fact", name: string) => string {
  const { t, i18n } = useTranslation();
  return (family, name) => (i18n.exists(`${family}.${name}`) ? t(`${family}.${name}`) : name.replaceAll("_", " "));
}
