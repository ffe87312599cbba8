/** Published entries as search results: built from text nodes, so nothing in an entry can become markup. */
import { calendarDate, fill } from "../shared/i18n";
import { regionName } from "../shared/regions";
import { pieces, webAddress } from "../shared/text";
import type { Entry, SearchAnswer } from "../shared/types";
import { authorities, words, type PageLanguage, type PortalKey } from "./strings";

export function renderResults(results: SearchAnswer["results"], language: PageLanguage): HTMLElement[] {
  return results.map(({ entry }) => article(entry, language));
}

function article(entry: Entry, language: PageLanguage): HTMLElement {
  const say = (key: PortalKey, values?: Record<string, string>): string => fill(words[language][key], values);
  const question = entry.questions[language]?.[0] ?? entry.questions.zh[0] ?? entry.id;
  const made = element("article");
  const answer = element("p", "answer");
  for (const piece of pieces(entry.answer[language])) {
    answer.append(piece.tel ? link(`tel:${piece.tel}`, piece.text) : piece.text);
  }
  made.append(element("h3", "", question), answer, ...entry.sources.map((source) => sourceLine(entry, source, language)));
  if (!entry.sources.length) made.append(element("p", "source", authorityName(entry.authority, language)));
  if (entry.valid_to) made.append(mark(say("validTo", { date: calendarDate(entry.valid_to, language) })));
  if (entry.region) made.append(mark(say("region", { place: regionName(entry.region, language) })));
  if (entry.general) made.append(mark(say("general")));
  const ask = element("button", "link", say("ask"));
  ask.setAttribute("type", "button");
  ask.dataset["ask"] = question;
  made.append(ask);
  return made;
}

function sourceLine(entry: Entry, source: Entry["sources"][number], language: PageLanguage): HTMLElement {
  const title = typeof source.title === "string" ? source.title : source.title[language];
  const address = webAddress(source.url);
  const rest = [authorityName(entry.authority, language), source.date && calendarDate(source.date, language)];
  const made = element("p", "source", words[language].source);
  made.append(address ? link(address, title) : title, ` · ${rest.filter(Boolean).join(" · ")}`);
  return made;
}

function authorityName(id: string, language: PageLanguage): string {
  return authorities[id]?.[language] ?? id;
}

function element(name: string, className = "", text = ""): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function mark(text: string): HTMLElement {
  return element("span", "mark", text);
}

function link(address: string, text: string): HTMLAnchorElement {
  const made = document.createElement("a");
  made.href = address;
  made.textContent = text;
  if (address.startsWith("http")) Object.assign(made, { target: "_blank", rel: "noopener noreferrer" });
  return made;
}
