import type { Locale } from "antd/es/locale";
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

import type { words as english } from "./en";

export type Language = "zh" | "en";
export type Words = Record<keyof typeof english, string>;
export type Word = keyof typeof english;
/** What a fixed set of names is about: `state.active`, `role.owner`. */
export type Family =
  "state" | "kind" | "fact" | "role" | "resource" | "scope" | "verb" | "class" | "action" | "condition" | "figure";

const KEPT = "jinyun.language";
const spoken = new Map<Language, Locale>();

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Fetch a language, once; nobody waits for one that he does not read. */
async function fetched(chosen: Language): Promise<void> {
  if (spoken.has(chosen)) return;
  const { words, locale } = await (chosen === "zh" ? import("./zh") : import("./en"));
  i18next.addResourceBundle(chosen, "translation", words);
  spoken.set(chosen, locale);
}

/** Make ready to speak: to be waited for before anything is shown. */
export async function startSpeaking(): Promise<void> {
  const chosen = first();
  await i18next.use(initReactI18next).init({
    lng: chosen,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false }, // React escapes
    resources: {},
  });
  await speak(chosen, false);
}

export function language(): Language {
  return i18next.language === "zh" ? "zh" : "en";
}

/** Return the words of the component library in the reader's language. */
export function useLocale(): Locale | undefined {
  useTranslation();
  return spoken.get(language());
}

export async function speak(chosen: Language, keep = true): Promise<void> {
  if (keep) localStorage.setItem(KEPT, chosen);
  await fetched(chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  await i18next.changeLanguage(chosen);
}

/** Return the function that puts a word of ours into the reader's language. */
export function useWords(): (word: Word, values?: Record<string, string | number>) => string {
  const { t } = useTranslation();
  return (word, values = {}) => t(word, values);
}

/** Return the words of a name from a fixed set, such as a state; a name that is not known is shown as it is. */
export function useNames(): (family: Family, name: string) => string {
  const { t, i18n } = useTranslation();
  return (family, name) => (i18n.exists(`${family}.${name}`) ? t(`${family}.${name}`) : name.replaceAll("_", " "));
}
