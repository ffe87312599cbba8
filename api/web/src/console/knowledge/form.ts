/** An entry as an editor types it, and back: wordings one per line, empty fields as empty texts. */
import { LANGUAGES } from "../../shared/i18n";
import type { Language } from "../../shared/types";
import type { Entry, EntryDraft } from "./types";

export interface SourceForm {
  title: Record<Language, string>;
  url: string;
  date: string;
}

export interface Form {
  id: string;
  area: string;
  topic: string;
  questions: Record<Language, string>;
  answer: Record<Language, string>;
  more: Record<Language, string>;
  region: string;
  audience: string;
  authority: string;
  sources: SourceForm[];
  general: boolean;
  valid_from: string;
  valid_to: string;
  review_by: string;
  supersedes: string;
  related: string;
  needs: string[];
  facts: string[];
  owner: string;
}

const blanks = (): Record<Language, string> => ({ zh: "", yue: "", en: "" });

export const emptySource = (): SourceForm => ({ title: blanks(), url: "", date: "" });

export function emptyForm(): Form {
  return {
    id: "", area: "documents", topic: "", questions: blanks(), answer: blanks(), more: blanks(), region: "",
    audience: "everyone", authority: "nia", sources: [], general: false, valid_from: "", valid_to: "", review_by: "",
    supersedes: "", related: "", needs: [], facts: [], owner: "",
  };
}

export function fromEntry(entry: Entry): Form {
  const texts = (given: Partial<Record<Language, string>> | undefined): Record<Language, string> => ({ ...blanks(), ...given });
  return {
    id: entry.id, area: entry.area, topic: entry.topic, answer: texts(entry.answer), more: texts(entry.more),
    questions: texts(Object.fromEntries(LANGUAGES.map((one) => [one, (entry.questions[one] ?? []).join("\n")]))),
    region: entry.region ?? "", audience: entry.audience, authority: entry.authority,
    sources: entry.sources.map((source) => ({
      title: texts(source["title"] as Record<Language, string>),
      url: String(source["url"] ?? ""), date: String(source["date"] ?? ""),
    })),
    general: entry.general, valid_from: entry.valid_from ?? "", valid_to: entry.valid_to ?? "",
    review_by: entry.review_by ?? "", supersedes: entry.supersedes ?? "", related: entry.related.join(" "),
    needs: [...entry.needs], facts: [...entry.facts], owner: entry.owner ?? "",
  };
}

/** What is sent: only texts that say something, and no wording twice. */
export function toDraft(form: Form): EntryDraft {
  const filled = (given: Record<Language, string>): Record<string, string> =>
    Object.fromEntries(LANGUAGES.map((one) => [one, given[one].trim()]).filter(([, text]) => text));
  return {
    id: form.id.trim(), area: form.area, topic: form.topic.trim(), answer: filled(form.answer), more: filled(form.more),
    questions: Object.fromEntries(
      LANGUAGES.map((one): [string, string[]] => [one, [...new Set(lines(form.questions[one]))]])
        .filter(([, found]) => found.length),
    ),
    region: form.region.trim() || null, audience: form.audience, authority: form.authority,
    sources: form.sources.map((source) => ({
      title: filled(source.title), url: source.url.trim() || null, date: source.date.trim() || null,
    })),
    general: form.general, valid_from: form.valid_from || null, valid_to: form.valid_to || null,
    review_by: form.review_by || null, supersedes: form.supersedes.trim() || null,
    related: form.related.split(/[\s,，]+/).filter(Boolean), needs: [...form.needs], facts: [...form.facts],
    owner: form.owner || null,
  };
}

/** The wordings of a text area: one per line, without empty ones. */
export function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** How two wordings are compared: search sees no difference in case, width, spaces and punctuation. */
export function plain(wording: string): string {
  return wording.normalize("NFKC").toLowerCase().replace(/[\s\p{P}\p{S}]+/gu, "");
}

/** Wordings that say the same as one before them, in the order of the text. */
export function repeated(text: string): string[] {
  const seen = new Set<string>();
  return lines(text).filter((line) => {
    const key = plain(line);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

/** Adds wordings below those that are there, leaving out what is there already. */
export function addWordings(text: string, more: readonly string[]): string {
  const known = new Set(lines(text).map(plain));
  const fresh = more.map((one) => one.trim()).filter((one) => one && !known.has(plain(one)) && known.add(plain(one)));
  return [text.trimEnd(), ...fresh].filter(Boolean).join("\n");
}

/** Names of top-level fields in which two forms differ. */
export function differing(one: Form, other: Form): (keyof Form)[] {
  return (Object.keys(one) as (keyof Form)[]).filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}

export function sameForm(one: Form, other: Form): boolean {
  return differing(one, other).length === 0;
}
