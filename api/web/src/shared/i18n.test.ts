import { describe, expect, it } from "vitest";
import { calendarDate, fill, toLanguage } from "./i18n";

type Table = Record<string, Record<string, string>>;

const modules = import.meta.glob<Record<string, unknown>>("../**/strings.ts", { eager: true });

/** Every exported table of a `strings.ts` whose keys are languages. */
const tables = Object.entries(modules).flatMap(([file, exported]) =>
  Object.entries(exported)
    .filter(([, value]) => typeof value === "object" && value !== null && "zh" in value && "en" in value)
    .map(([name, value]) => [`${file} ${name}`, value as Table] as const),
);
const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the words of the user interfaces", () => {
  it("are found", () => {
    expect(tables.map(([name]) => name)).toContain("../widget/strings.ts strings");
  });

  it.each(tables)("%s has the same keys and placeholders in every language, and no empty text", (_, table) => {
    const model = table["zh"]!;
    for (const words of Object.values(table)) {
      expect(Object.keys(words).sort()).toEqual(Object.keys(model).sort());
      for (const [key, text] of Object.entries(words)) {
        expect(text.trim(), key).not.toBe("");
        expect(placeholders(text), key).toEqual(placeholders(model[key]!));
      }
    }
  });

  it("are Cantonese in Traditional script where they say so", () => {
    const yue = Object.values((modules["../widget/strings.ts"] as { strings: Table }).strings["yue"]!).join("");
    expect(yue).toMatch(/嘅|緊|唔|咗/);
    expect(yue).not.toMatch(/[们这个对话务发过开关网络请续编号连为]/);
  });
});

describe("fill", () => {
  it("replaces what it knows and shows what it does not", () => {
    expect(fill("{n} of {all}", { n: 2 })).toBe("2 of {all}");
  });
});

describe("toLanguage", () => {
  it.each([
    ["zh-CN", "zh"], ["zh-Hans-CN", "zh"], ["zh", "zh"], ["zh-TW", "zh"], ["yue", "yue"], ["yue-Hant-HK", "yue"],
    ["zh-HK", "yue"], ["en_GB", "en"], ["EN", "en"], ["fr", null], ["", null], [null, null],
  ] as const)("%s → %s", (tag, language) => expect(toLanguage(tag)).toBe(language));
});

describe("calendarDate", () => {
  it.each([
    ["2026-12-31", "zh", "2026年12月31日"], ["2026-12-31", "en", "31 December 2026"], ["2025-11", "yue", "2025年11月"],
    ["2025-11", "en", "November 2025"], ["2024", "zh", "2024年"], ["2024", "en", "2024"], ["soon", "en", "soon"],
  ] as const)("%s in %s → %s", (date, language, shown) => expect(calendarDate(date, language)).toBe(shown));
});
