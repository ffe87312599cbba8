/** One entry under an editor's hands: loaded, changed, checked, saved. What is typed is kept until it is saved. */
import { reactive } from "vue";
import { ApiProblem } from "../../shared/api";
import { reasonOf } from "../context";
import { editor, insights } from "./calls";
import type { Office } from "./context";
import { emptyForm, fromEntry, sameForm, toDraft, type Form } from "./form";
import { differences, merged, type Difference } from "./merge";
import type { EntryDetail, Fault, Preview, Status } from "./types";

export interface Conflict {
  detail: EntryDetail;
  theirs: Form;
  differences: Difference[];
}

export interface EditingState {
  detail: EntryDetail | null;
  /** What the gateway has, and what stands in the fields. */
  saved: Form;
  form: Form;
  base: number;
  /** When the text was typed that this browser had kept. */
  restored: string | null;
  kept: boolean;
  faults: Fault[];
  /** Whether the gateway has looked at the text yet. */
  checked: boolean;
  storable: boolean;
  publishable: boolean;
  preview: Preview["messages"];
  busy: boolean;
  loadError: string;
  problem: string;
  conflict: Conflict | null;
}

export class Editing {
  readonly state: EditingState;
  private checks = 0;

  constructor(private readonly office: Office, private readonly key: string, private readonly fresh: boolean) {
    this.state = reactive({
      detail: null, saved: emptyForm(), form: emptyForm(), base: 0, restored: null, kept: true, faults: [], checked: false,
      storable: false, publishable: false, preview: {}, busy: false, loadError: "", problem: "", conflict: null,
    });
  }

  get dirty(): boolean {
    return !sameForm(this.state.form, this.state.saved);
  }

  async open(): Promise<void> {
    this.state.loadError = "";
    try {
      if (!this.fresh) this.take(await this.office.call((client) => editor.read(client, this.key)));
    } catch (error) {
      this.state.loadError = reasonOf(error);
      return;
    }
    const kept = this.office.shelf.read(this.key);
    if (kept && !sameForm(kept.form, this.state.saved)) {
      Object.assign(this.state, { form: kept.form, base: kept.base, restored: kept.at });
    }
    await this.check();
  }

  /** Called whenever the text changed. */
  keep(): void {
    if (this.dirty) this.state.kept = this.office.shelf.keep(this.key, this.state.form, this.state.base);
    else this.office.shelf.drop(this.key);
  }

  /** Back to what the gateway has. */
  discard(): void {
    this.office.shelf.drop(this.key);
    Object.assign(this.state, {
      form: copy(this.state.saved), base: this.state.detail?.entry.version ?? 0, restored: null, conflict: null, problem: "",
    });
  }

  /** Faults and preview of what stands in the fields; an answer that was overtaken is dropped. */
  async check(): Promise<void> {
    const mine = (this.checks += 1);
    const draft = toDraft(this.state.form);
    const { answer, more, sources, authority, general, valid_to, region } = draft;
    try {
      const [checked, seen] = await Promise.all([
        this.office.call((client) => editor.check(client, draft)),
        this.office
          .call((client) => insights.preview(client, { answer, more, sources, authority, general, valid_to, region }))
          .catch(() => ({ messages: {} })),
      ]);
      if (mine !== this.checks) return;
      Object.assign(this.state, { ...checked, checked: true, preview: seen.messages });
    } catch {
      // Checking is a help while typing; what matters is checked again when it is saved.
    }
  }

  /** True when it was stored. */
  save(note: string): Promise<boolean> {
    const draft = toDraft(this.state.form);
    return this.change((client) =>
      this.fresh ? editor.create(client, draft, note || null) : editor.save(client, this.key, this.state.base, draft, note || null));
  }

  move(to: Status, version: number, on: string, note: string): Promise<boolean> {
    return this.change((client) => editor.move(client, this.key, { to, version, on: on || null, note: note || null }));
  }

  unplan(to: Status): Promise<boolean> {
    return this.change((client) => editor.unplan(client, this.key, to));
  }

  rollback(to: number, note: string): Promise<boolean> {
    const base = this.state.detail?.entry.version ?? this.state.base;
    return this.change((client) => editor.rollback(client, this.key, { to, base, note: note || null }));
  }

  /** Goes on with one text of both, on top of the newest version. */
  settle(): void {
    const conflict = this.state.conflict;
    if (!conflict) return;
    const form = merged(this.state.form, conflict.theirs, conflict.differences);
    this.take(conflict.detail);
    Object.assign(this.state, { form, conflict: null, problem: "" });
    this.keep();
  }

  private async change(work: (client: Office["client"]) => Promise<EntryDetail>): Promise<boolean> {
    Object.assign(this.state, { busy: true, problem: "" });
    try {
      this.take(await this.office.call(work));
      this.office.shelf.drop(this.key);
      this.state.restored = null;
      void this.check();
      return true;
    } catch (error) {
      await this.failed(error);
      return false;
    } finally {
      this.state.busy = false;
    }
  }

  private async failed(error: unknown): Promise<void> {
    this.state.problem = reasonOf(error);
    if (!(error instanceof ApiProblem)) return;
    if (error.status === 422 && error.problem.errors) this.state.faults = error.problem.errors;
    if (error.status !== 409 || !error.problem.type.endsWith("/edited-meanwhile")) return;
    try {
      const detail = await this.office.call((client) => editor.read(client, this.key));
      const theirs = fromEntry(detail.entry);
      this.state.conflict = { detail, theirs, differences: differences(this.state.saved, this.state.form, theirs) };
    } catch {
      // The refusal itself is told; the text stays as it is.
    }
  }

  private take(detail: EntryDetail): void {
    const saved = fromEntry(detail.entry);
    Object.assign(this.state, { detail, saved, form: copy(saved), base: detail.entry.version });
  }
}

function copy(form: Form): Form {
  return JSON.parse(JSON.stringify(form)) as Form;
}
