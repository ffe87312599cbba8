/** What the editors' pages share: who is here, the way to the gateway, the address, and unsaved texts. */
import { inject, onUnmounted, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import type { Client } from "../../shared/api";
import type { Seat } from "../../shared/types";
import { reasonOf } from "../context";
import { insights } from "./calls";
import { addWordings, emptyForm, fromEntry, type Form } from "./form";
import type { Places } from "./place";
import type { DraftShelf } from "./shelf";
import type { Entry, References } from "./types";

export interface Office {
  seat: Seat;
  client: Client;
  places: Places;
  shelf: DraftShelf;
  /** Makes a call with the session; a session that ended leads to the login. */
  call: <T>(work: (client: Client) => Promise<T>) => Promise<T>;
  tell: (text: string, tone?: "info" | "bad") => void;
  references: () => Promise<References>;
}

export const OFFICE: InjectionKey<Office> = Symbol("office");

export function useOffice(): Office {
  const found = inject(OFFICE);
  if (!found) throw new Error("an editors' page was used outside the console");
  return found;
}

export const loadReferences = (client: Client): Promise<References> => insights.references(client);

export interface Loaded<T> {
  data: ShallowRef<T | null>;
  error: Ref<string>;
  busy: Ref<boolean>;
  load: () => Promise<void>;
}

/** Data of a page: an answer that was overtaken by a newer question is dropped. */
export function useLoaded<T>(ask: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null);
  const error = ref("");
  const busy = ref(false);
  let turn = 0;
  const load = async (): Promise<void> => {
    const mine = (turn += 1);
    busy.value = true;
    try {
      const found = await ask();
      if (mine === turn) [data.value, error.value] = [found, ""];
    } catch (problem) {
      if (mine === turn) error.value = reasonOf(problem);
    } finally {
      if (mine === turn) busy.value = false;
    }
  };
  onUnmounted(() => (turn = -1));
  return { data, error, busy, load };
}

/** Runs `work` when nothing was asked for a while. */
export function useLater(work: () => void, wait: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onUnmounted(() => clearTimeout(timer));
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
}

export type Wordings = Form["questions"];

/** One click from questions to a draft: a new entry with these wordings, or more wordings for one that exists. */
export function startDraft(office: Office, wordings: Partial<Record<keyof Wordings, string[]>>, onto?: Entry): void {
  const key = onto ? onto.id : `n${Date.now().toString(36)}`;
  const kept = onto && office.shelf.read(onto.id);
  const form = kept ? kept.form : onto ? fromEntry(onto) : emptyForm();
  for (const language of ["zh", "yue", "en"] as const) {
    form.questions[language] = addWordings(form.questions[language], wordings[language] ?? []);
  }
  office.shelf.keep(key, form, kept ? kept.base : (onto?.version ?? 0));
  office.places.go(onto ? { page: "entry", id: key } : { page: "new", id: key });
}
