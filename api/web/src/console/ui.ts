/** The console's language, its words, and the ticking clock: shared by every component. */
import { computed, ref, watchEffect } from "vue";
import { TAGS, clockTime, dayOf, fill } from "../shared/i18n";
import { STRINGS, type ConsoleLanguage, type Key } from "./strings";

const LANGUAGE_KEY = "consult.console.language";

/** Local storage, or nothing where the browser forbids it. */
export function preference(key: string, value?: string): string | null {
  try {
    if (value !== undefined) localStorage.setItem(key, value);
    return localStorage.getItem(key);
  } catch {
    return value ?? null;
  }
}

export const language = ref<ConsoleLanguage>(preference(LANGUAGE_KEY) === "en" ? "en" : "zh");

export function switchLanguage(): void {
  language.value = language.value === "zh" ? "en" : "zh";
  preference(LANGUAGE_KEY, language.value);
}

export function t(key: Key, values?: Record<string, string | number>): string {
  return fill(STRINGS[language.value][key], values);
}

/** Milliseconds since 1970, moved on every ten seconds: waiting times are told in minutes. */
export const now = ref(Date.now());

export function startClock(): () => void {
  const timer = setInterval(() => (now.value = Date.now()), 10_000);
  return () => clearInterval(timer);
}

/** `12分钟`, `1小时5分`: how long since `iso`, never negative however wrong this computer's clock is. */
export function since(iso: string, until: number = now.value): string {
  const minutes = Math.max(0, Math.floor((until - Date.parse(iso)) / 60_000));
  if (minutes < 1) return t("justNow");
  if (minutes < 60) return t("minutes", { n: minutes });
  return t("hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

export const time = (iso: string): string => clockTime(iso, language.value);
export const day = (iso: string): string => dayOf(iso, language.value);

/** Today only the hour, else the day too. */
export function moment(iso: string): string {
  const sameDay = day(iso) === day(new Date(now.value).toISOString());
  return sameDay ? time(iso) : `${day(iso)} ${time(iso)}`;
}

export const tag = computed(() => TAGS[language.value]);

/** Tells browser and screen reader the page's language; `count` makes the tab's title call. */
export function followPage(count: () => number): void {
  watchEffect(() => {
    document.documentElement.lang = tag.value;
    document.title = (count() ? `(${count()}) ` : "") + t("title");
  });
}
