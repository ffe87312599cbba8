/** Entries for what the visitor asked. */
import { knowledge, type Client } from "../shared/api";
import type { Entry, Language } from "../shared/types";

export interface Suggestion {
  id: string;
  version: number;
  score: number;
  question: string;
  answer: string;
  /** The language the answer is really in: Chinese stands in for a missing Cantonese text. */
  language: Language;
  general: boolean;
  sources: { title: string; date: string | null }[];
}

export interface Wish {
  q: string;
  language: Language;
  region: string | null;
}

const HOW_MANY = 4;

export async function suggest(client: Client, wish: Wish): Promise<Suggestion[]> {
  const found = await knowledge.search(client, {
    q: wish.q.slice(0, 500), language: wish.language, region: wish.region ?? undefined, k: HOW_MANY,
  });
  return found.results.map(({ score, entry }) => present(entry, score, wish.language));
}

/** A ticket's place as the search understands it: division codes only, ports have other ids. */
export function regionOf(place: { code: string } | null): string | null {
  return place && /^\d{6}$/.test(place.code) ? place.code : null;
}

export function present(entry: Entry, score: number, language: Language): Suggestion {
  const spoken = entry.answer[language] ? language : "zh";
  return {
    id: entry.id,
    version: entry.version,
    score,
    question: entry.questions[language]?.[0] ?? entry.questions.zh[0] ?? entry.id,
    answer: entry.answer[spoken],
    language: spoken,
    general: entry.general === true,
    sources: entry.sources.map((source) => ({ title: titleOf(source.title, language), date: source.date })),
  };
}

function titleOf(title: Entry["sources"][number]["title"], language: Language): string {
  if (typeof title === "string") return title;
  return (language === "en" ? title.en : language === "yue" ? title.yue : title.zh) || title.zh;
}
