/** What survives a reload: session storage by default, local storage where the embedding page asks for longer. */
import type { Language } from "../shared/types";

/** A message on its way: kept until the gateway has confirmed it, so that it can be sent again under one key. */
export interface Outgoing {
  clientId: string;
  /** What is sent: the visitor's words, or a button's payload. */
  text: string;
  /** What is shown meanwhile. */
  label: string;
  at: string;
  status: "sending" | "failed";
  /** Why it failed, in words for the visitor; empty when simply nobody answered. */
  reason: string;
}

export interface Saved {
  id: string | null;
  token: string | null;
  /** Highest sequence number the visitor has had in view. */
  read: number;
  language: Language | null;
  /** The visitor chose the language by hand. */
  chosen: boolean;
  draft: string;
  outgoing: Outgoing[];
  rated: number | null;
  open: boolean;
}

function empty(): Saved {
  return {
    id: null, token: null, read: 0, language: null, chosen: false, draft: "", outgoing: [], rated: null, open: false,
  };
}

export class Shelf {
  /** @param key separates installations that share an origin. */
  constructor(private readonly key: string, private readonly storage: Storage | null) {}

  read(): Saved {
    try {
      const found: unknown = JSON.parse(this.storage?.getItem(this.key) ?? "null");
      return typeof found === "object" && found !== null ? { ...empty(), ...found } : empty();
    } catch {
      return empty();
    }
  }

  write(saved: Saved): void {
    try {
      this.storage?.setItem(this.key, JSON.stringify(saved));
    } catch {
      // Full or forbidden storage costs only the survival of a reload.
    }
  }
}

/** The page's storage, or null where the browser forbids it (sandboxed frames, blocked site data). */
export function browserStorage(longer: boolean): Storage | null {
  try {
    return longer ? window.localStorage : window.sessionStorage;
  } catch {
    return null;
  }
}
