/** The editors' calls. */
import type { Client } from "../../shared/api";
import type { Language } from "../../shared/types";
import type {
  Checked, CoverageOut, Diff, Entry, EntryDetail, EntryDraft, EntryPage, Finding, Preview, Questions, References,
  Reminders, Status, Traffic,
} from "./types";

const at = (id: string): string => `/v1/editor/entries/${encodeURIComponent(id)}`;

export const editor = {
  list: (client: Client, filters: Record<string, string | number | null>): Promise<EntryPage> =>
    client.get("/v1/editor/entries", filters),
  read: (client: Client, id: string): Promise<EntryDetail> => client.get(at(id)),
  version: (client: Client, id: string, number: number): Promise<Entry> => client.get(`${at(id)}/versions/${number}`),
  create: (client: Client, entry: EntryDraft, note: string | null): Promise<EntryDetail> =>
    client.post("/v1/editor/entries", { entry, note }),
  save: (
    client: Client, id: string, base: number, entry: EntryDraft, note: string | null, merges: number | null = null,
  ): Promise<EntryDetail> => client.put(at(id), { base, entry, note, merges }),
  move: (
    client: Client, id: string, step: { to: Status; version: number; on: string | null; note: string | null },
  ): Promise<EntryDetail> => client.post(`${at(id)}/moves`, step),
  unplan: (client: Client, id: string, to: Status): Promise<EntryDetail> => client.delete(`${at(id)}/plans/${to}`),
  diff: (client: Client, id: string, from: number, to: number): Promise<Diff> =>
    client.get(`${at(id)}/diff`, { from, to }),
  rollback: (
    client: Client, id: string, wish: { to: number; base: number; note: string | null },
  ): Promise<EntryDetail> => client.post(`${at(id)}/rollback`, wish),
  find: (
    client: Client, question: { q: string; language: Language | null; region: string | null },
  ): Promise<Finding> => client.get("/v1/editor/find", { ...question, k: 10 }),
  check: (client: Client, entry: EntryDraft): Promise<Checked> => client.post("/v1/editor/check", { entry }),
  reminders: (client: Client, days: number): Promise<Reminders> => client.get("/v1/editor/reminders", { days }),
};

export const insights = {
  questions: (
    client: Client, filter: { days: number; reason: string[]; language: Language | null; limit: number },
  ): Promise<Questions> => client.get("/v1/insights/questions", filter),
  traffic: (client: Client, filter: { days: number; entry: string | null }): Promise<Traffic> =>
    client.get("/v1/insights/traffic", filter),
  coverage: (client: Client): Promise<CoverageOut> => client.get("/v1/insights/coverage"),
  references: (client: Client): Promise<References> => client.get("/v1/insights/references"),
  preview: (client: Client, entry: Partial<EntryDraft>): Promise<Preview> => client.post("/v1/insights/preview", entry),
};
