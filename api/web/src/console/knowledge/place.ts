/** Where an editor stands, in the address's fragment: `#/k/entries?topic=passport`, `#/k/entry/passport-fee`. */
import { reactive } from "vue";

export const PAGES = ["entries", "find", "due", "merges", "questions", "coverage", "traffic"] as const;
export type Page = (typeof PAGES)[number] | "entry" | "new";

export interface Place {
  page: Page;
  /** An entry's id, or the key of a new one's unsaved text. */
  id: string | null;
  query: Record<string, string>;
}

export function isKnowledge(hash: string): boolean {
  return /^#\/k(\/|$)/.test(hash);
}

export function parsePlace(hash: string): Place {
  const [path = "", search = ""] = hash.replace(/^#\/k\/?/, "").split("?");
  const [name = "", id = ""] = path.split("/");
  const known = [...PAGES, "entry", "new"].find((page) => page === name) as Page | undefined;
  const page = known === "entry" && !id ? undefined : known;
  return {
    page: page ?? "entries", id: page && id ? decoded(id) : null, query: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function formatPlace(place: Partial<Place> & { page: Page }): string {
  const filled = Object.entries(place.query ?? {}).filter(([, value]) => value !== "");
  const search = new URLSearchParams(filled).toString();
  return `#/k/${place.page}${place.id ? `/${encodeURIComponent(place.id)}` : ""}${search ? `?${search}` : ""}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export class Places {
  readonly place = reactive<Place>(parsePlace(location.hash));
  private readonly listener = (): void => void Object.assign(this.place, parsePlace(location.hash));

  start(): void {
    window.addEventListener("hashchange", this.listener);
    this.listener();
  }

  stop(): void {
    window.removeEventListener("hashchange", this.listener);
  }

  /** Another page is a step that Back undoes; another filter of the same page is not. */
  go(to: Partial<Place> & { page: Page }): void {
    const hash = formatPlace(to);
    if (hash === location.hash) return;
    if (to.page === this.place.page && (to.id ?? null) === this.place.id) history.replaceState(null, "", hash);
    else history.pushState(null, "", hash);
    Object.assign(this.place, parsePlace(hash));
  }
}
