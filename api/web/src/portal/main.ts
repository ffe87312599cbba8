/** The portal's only script: examples open the widget, and the search box asks the knowledge base. */
import { ApiProblem, Client, knowledge } from "../shared/api";
import { fill, toLanguage } from "../shared/i18n";
import { renderResults } from "./results";
import { words, type PageLanguage } from "./strings";

interface Widget extends HTMLElement {
  show(): void;
  ask(question: string): void;
}

const language: PageLanguage = toLanguage(document.documentElement.lang) === "en" ? "en" : "zh";
const client = new Client();
const results = document.querySelector<HTMLElement>("#results")!;
const form = document.querySelector<HTMLFormElement>("#search")!;
const field = document.querySelector<HTMLInputElement>("#q")!;
let latest = 0;

const widget = (): Widget | null => document.querySelector<Widget>("consult-12367");

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-ask], [data-open]");
  if (!button) return;
  if (button.dataset["ask"]) widget()?.ask(button.dataset["ask"]);
  else widget()?.show();
});

/** Shows what the knowledge base has; an answer that a newer search has overtaken is dropped. */
async function search(q: string): Promise<void> {
  const mine = ++latest;
  results.hidden = false;
  results.replaceChildren(line(words[language].searching));
  try {
    const found = await knowledge.search(client, { q, language, k: 8 });
    if (mine !== latest) return;
    const title = document.createElement("h2");
    title.textContent = fill(words[language].results, { q });
    results.replaceChildren(title, ...renderResults(found.results, language));
    if (!found.results.length) results.append(line(words[language].none));
  } catch (error) {
    if (mine !== latest) return;
    const busy = error instanceof ApiProblem && error.status === 429;
    results.replaceChildren(line(words[language][busy ? "tooFast" : "failed"]));
  }
}

function line(text: string): HTMLElement {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

/** The search stands in the address, so that it can be passed on. */
function fromAddress(): void {
  const q = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  field.value = q;
  if (q) void search(q);
  else results.hidden = true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const q = field.value.trim();
  if (!q) return;
  history.pushState(null, "", `?${new URLSearchParams({ q })}`);
  void search(q);
});
window.addEventListener("popstate", fromAddress);
fromAddress();
