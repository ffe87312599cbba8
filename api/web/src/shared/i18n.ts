/** Words of the user interface in the three languages, and the ways dates and places are written in each. */
import type { Language } from "./types";

export const LANGUAGES: readonly Language[] = ["zh", "yue", "en"];

/** BCP 47 tags: they choose the right glyphs for Chinese characters and the right voice of a screen reader. */
export const TAGS: Record<Language, string> = { zh: "zh-Hans-CN", yue: "yue-Hant-HK", en: "en" };

/** What each language calls itself, short enough for a switch. */
export const SHORT_NAMES: Record<Language, string> = { zh: "中", yue: "粵", en: "EN" };
export const FULL_NAMES: Record<Language, string> = { zh: "普通话", yue: "廣東話", en: "English" };

/** What a switch is called: the short name that is seen, so that it can be called by voice, and the whole one. */
export const switchName = (language: Language): string => `${SHORT_NAMES[language]} ${FULL_NAMES[language]}`;

/** One table a language, all with the same keys: a missing or extra key does not compile. */
export type Strings<Key extends string> = Record<Language, Record<Key, string>>;

/** Keeps the keys' names, so that asking for a word that does not exist is a compile error. */
export function defineStrings<Key extends string>(strings: Strings<Key>): Strings<Key> {
  return strings;
}

export type Translate<Key extends string> = (key: Key, values?: Record<string, string | number>) => string;

/** `t("queue", {n: 3})` replaces `{n}`; the language is asked for at each call, so it may be reactive. */
export function translator<Key extends string>(strings: Strings<Key>, language: () => Language): Translate<Key> {
  return (key, values) => fill(strings[language()][key], values);
}

/** Replaces `{name}` by its value; an unknown name stays visible rather than vanish. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Any way of writing a language (`zh-CN`, `yue-Hant`, `en_GB`) → one of ours, or null. */
export function toLanguage(tag: string | null | undefined): Language | null {
  const low = (tag ?? "").toLowerCase().replace(/_/g, "-");
  if (/^(yue|zh-yue|zh-hk|zh-hant-hk|zh-mo)\b/.test(low)) return "yue";
  if (/^zh\b/.test(low)) return "zh";
  return /^en\b/.test(low) ? "en" : null;
}

/** `14:05`, in the reader's own time zone. */
export function clockTime(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(intlTag(language), { hour: "2-digit", minute: "2-digit", hour12: false }).format(
    new Date(iso),
  );
}

/**
 * A date as sources and validity carry it: `2026-12-31`, `2026-05` or `2026` → 2026年12月31日, 31 December 2026.
 * These are calendar dates, not moments, so no time zone may move them.
 */
export function calendarDate(date: string, language: Language): string {
  const [year, month, day] = date.slice(0, 10).split("-").map(Number);
  if (!year) return date;
  if (language !== "en") return `${year}年${month ? `${month}月` : ""}${day ? `${day}日` : ""}`;
  if (!month) return String(year);
  const name = new Intl.DateTimeFormat("en-GB", { month: "long", timeZone: "UTC" }).format(Date.UTC(2000, month - 1));
  return `${day ? `${day} ` : ""}${name} ${year}`;
}

/** A moment's day in the reader's time zone, for separators and transcripts. */
export function dayOf(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(intlTag(language), { year: "numeric", month: "long", day: "numeric" }).format(
    new Date(iso),
  );
}

function intlTag(language: Language): string {
  return { zh: "zh-CN", yue: "zh-HK", en: "en-GB" }[language];
}
