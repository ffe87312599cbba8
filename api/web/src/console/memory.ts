/** What a reload, or a login after the session ended, must not lose. Session storage: it ends with the tab. */
import type { Seat } from "../shared/types";
import type { Outgoing } from "./types";

export interface Saved {
  token: string | null;
  seat: Seat | null;
  /** Whose drafts these are: another seat at the same screen must not see them. */
  owner: string | null;
  drafts: Record<string, string>;
  /** Highest sequence number read, per ticket. */
  read: Record<string, number>;
  outgoing: Outgoing[];
}

const KEY = "consult.console";

function empty(): Saved {
  return { token: null, seat: null, owner: null, drafts: {}, read: {}, outgoing: [] };
}

export class Memory {
  private saved: Saved;

  constructor(private readonly storage: Storage | null) {
    this.saved = this.load();
  }

  get<Name extends keyof Saved>(name: Name): Saved[Name] {
    return this.saved[name];
  }

  set<Name extends keyof Saved>(name: Name, value: Saved[Name]): void {
    this.saved[name] = value;
    this.store();
  }

  draft(ticketId: string): string {
    return this.saved.drafts[ticketId] ?? "";
  }

  keepDraft(ticketId: string, text: string): void {
    if (text) this.saved.drafts[ticketId] = text;
    else delete this.saved.drafts[ticketId];
    this.store();
  }

  /** A seat logged in: what another seat left behind is forgotten, one's own stays. */
  admit(seat: Seat, token: string): void {
    if (this.saved.owner !== seat.id) this.saved = empty();
    Object.assign(this.saved, { token, seat, owner: seat.id });
    this.store();
  }

  /** The session ended by itself: drafts wait for the same seat's return. */
  endSession(): void {
    Object.assign(this.saved, { token: null, seat: null });
    this.store();
  }

  /** The seat left on purpose: nothing stays. */
  clear(): void {
    this.saved = empty();
    this.store();
  }

  private load(): Saved {
    try {
      const found: unknown = JSON.parse(this.storage?.getItem(KEY) ?? "null");
      return typeof found === "object" && found !== null ? { ...empty(), ...found } : empty();
    } catch {
      return empty();
    }
  }

  private store(): void {
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.saved));
    } catch {
      // Storage that is full or forbidden costs only the survival of a reload.
    }
  }
}
