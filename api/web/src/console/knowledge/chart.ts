/** Stacked bars, one a day: numbers only, so that they can be tested without a page. */
import { LANGUAGES } from "../../shared/i18n";
import type { Language } from "../../shared/types";
import type { DayCount } from "./types";

export interface Bar {
  day: string;
  x: number;
  width: number;
  gap: number;
  /** Shown under the axis; null for most days, so that they do not touch. */
  label: string | null;
  parts: { language: Language; y: number; height: number }[];
}

export interface Chart {
  bars: Bar[];
  scale: { value: number; y: number }[];
}

const DAY = 86_400_000;
/** Units of width that a day's label takes. */
const LABEL_WIDTH = 40;

/** Every day of the period has its place, days without answers included: gaps are part of what is to be seen. */
export function chart(days: readonly DayCount[], since: string, until: string, width: number, height: number): Chart {
  const all = eachDay(since, until);
  const counts = new Map(days.map((one) => [one.day, one.answers]));
  const totals = all.map((day) => LANGUAGES.reduce((sum, one) => sum + (counts.get(day)?.[one] ?? 0), 0));
  const step = niceStep(Math.max(1, ...totals) / 4);
  const top = step * Math.ceil(Math.max(1, ...totals) / step);
  const slot = width / all.length;
  const every = Math.ceil(all.length / Math.floor(width / LABEL_WIDTH));
  const bars = all.map((day, number) => {
    let floor = height;
    const parts = LANGUAGES.flatMap((language) => {
      const part = ((counts.get(day)?.[language] ?? 0) / top) * height;
      floor -= part;
      return part ? [{ language, y: floor, height: part }] : [];
    });
    const label = (all.length - 1 - number) % every === 0 ? `${Number(day.slice(5, 7))}/${Number(day.slice(8))}` : null;
    return { day, x: number * slot + slot * 0.12, width: slot * 0.76, gap: slot * 0.24, label, parts };
  });
  const scale = Array.from({ length: Math.round(top / step) + 1 }, (_, n) => ({ value: n * step, y: height - (n * step * height) / top }));
  return { bars, scale };
}

export function eachDay(since: string, until: string): string[] {
  const first = Date.parse(since);
  const count = Math.round((Date.parse(until) - first) / DAY) + 1;
  return Array.from({ length: Math.max(1, count) }, (_, n) => new Date(first + n * DAY).toISOString().slice(0, 10));
}

/** 1, 2 or 5 times a power of ten, and a whole number: answers come in ones. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least) ?? 10 * power;
}
