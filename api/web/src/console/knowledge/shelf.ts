/**
 * Text that is not saved yet, kept in this browser until it is: neither a reload, nor a session that ended, nor a
 * conflict loses it. One key for each editor and entry; a new entry has a key of its own until it has an id.
 */
import { emptyForm, type Form } from "./form";

export interface Kept {
  form: Form;
  /** The version that the text rests on; 0 for a new entry. */
  base: number;
  at: string;
}

const PREFIX = "consult.entry";

export class DraftShelf {
  /** Stands in where the browser keeps nothing: the text then lives as long as the page. */
  private readonly page = new Map<string, string>();

  constructor(private readonly storage: Storage | null, private readonly owner: string) {}

  read(key: string): Kept | null {
    try {
      const found = JSON.parse(this.text(this.name(key)) ?? "null") as Partial<Kept> | null;
      if (!found?.form || typeof found.base !== "number") return null;
      return { base: found.base, at: found.at ?? "", form: { ...emptyForm(), ...found.form } };
    } catch {
      return null;
    }
  }

  /** False where the browser keeps nothing: the editor is told, because then a reload would lose the text. */
  keep(key: string, form: Form, base: number): boolean {
    const text = JSON.stringify({ form, base, at: new Date().toISOString() });
    try {
      if (!this.storage) throw new Error("no storage");
      this.storage.setItem(this.name(key), text);
      this.page.delete(this.name(key));
      return true;
    } catch {
      this.page.set(this.name(key), text);
      return false;
    }
  }

  drop(key: string): void {
    this.storage?.removeItem(this.name(key));
    this.page.delete(this.name(key));
  }

  /** What waits to be saved, the newest first. */
  waiting(): { key: string; kept: Kept }[] {
    const prefix = this.name("");
    const stored = Array.from({ length: this.storage?.length ?? 0 }, (_, number) => this.storage!.key(number) ?? "");
    return [...new Set([...stored, ...this.page.keys()])]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .flatMap((key) => { const kept = this.read(key); return kept ? [{ key, kept }] : []; })
      .sort((one, other) => other.kept.at.localeCompare(one.kept.at));
  }

  private text(name: string): string | null {
    return this.page.get(name) ?? this.storage?.getItem(name) ?? null;
  }

  private name(key: string): string {
    return `${PREFIX}:${this.owner}:${key}`;
  }
}

export function localShelf(owner: string): DraftShelf {
  try {
    return new DraftShelf(window.localStorage, owner);
  } catch {
    return new DraftShelf(null, owner);
  }
}
