/** The keyboard of the whole desk. Letters count only where nobody types. */
import { actionOf } from "./actions";
import type { Console } from "./context";
import type { Case } from "./types";

/** What a key press means, apart from the page; `typing` is whether the focus is in a field. */
export type Command =
  | { do: "move"; by: 1 | -1 } | { do: "tab"; at: number }
  | { do: "act"; letter: string } | { do: "next" }
  | { do: "claim" | "compose" | "resolve" | "search" | "help" | "back" };

const LETTERS: Record<string, Command> = {
  j: { do: "move", by: 1 }, k: { do: "move", by: -1 }, ArrowDown: { do: "move", by: 1 }, ArrowUp: { do: "move", by: -1 },
  c: { do: "claim" }, i: { do: "compose" }, r: { do: "resolve" }, x: { do: "next" }, "/": { do: "search" },
  t: { do: "act", letter: "t" }, v: { do: "act", letter: "v" }, n: { do: "act", letter: "n" }, b: { do: "act", letter: "b" },
  "?": { do: "help" },
};

export function commandOf(event: KeyboardEvent, typing: boolean): Command | null {
  if (event.isComposing) return null;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (event.altKey && !event.ctrlKey && !event.metaKey && digit) return { do: "tab", at: Number(digit) - 1 };
  if (event.key === "Escape") return { do: "back" };
  if (typing) return null;
  if (event.ctrlKey && event.key === "Enter") return { do: "claim" };
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  return LETTERS[event.key] ?? null;
}

const FIELDS = "input, textarea, select, [contenteditable]";

export class DeskKeys {
  private readonly listener = (event: KeyboardEvent): void => this.pressed(event);

  constructor(private readonly context: Console, private readonly tabs: () => Case[]) {}

  start(): void {
    document.addEventListener("keydown", this.listener);
  }

  stop(): void {
    document.removeEventListener("keydown", this.listener);
  }

  private pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return; // a dialog has its own keys
    const target = event.target instanceof Element ? event.target : null;
    const command = commandOf(event, Boolean(target?.matches(FIELDS)));
    // The arrows scroll the story while it has the focus.
    if (!command || (event.key.startsWith("Arrow") && target?.matches(".log"))) return;
    if (this.carryOut(command, target)) event.preventDefault();
  }

  private carryOut(command: Command, target: Element | null): boolean {
    const { context } = this;
    const open = context.desk.state.tickets[context.router.route.ticket ?? ""];
    if (command.do === "move") return this.move(command.by);
    if (command.do === "tab") return this.toTab(command.at);
    if (command.do === "help") return (context.helping.value = true);
    if (command.do === "back") return this.back(target);
    if (command.do === "compose") return focus("[data-reply]");
    if (command.do === "search") return focus("[data-search]");
    if (command.do === "claim" && open?.status === "waiting") void context.claim(open.id);
    if (command.do === "act") return this.act(command.letter, open);
    if (command.do === "next") return this.next();
    if (command.do === "resolve" && this.tabs().some((one) => one.id === open?.id)) context.resolving.value = open!.id;
    return true;
  }

  private act(letter: string, open: Case | undefined): boolean {
    const { acting, desk } = this.context;
    const action = open && desk.state.seat ? actionOf(letter, open, desk.state.seat) : null;
    if (action) acting.value = { ticketId: open!.id, action };
    return action !== null;
  }

  private next(): boolean {
    void this.context.next();
    return true;
  }

  /** Moves the focus through all lists; from elsewhere it begins at the ticket in view. */
  private move(by: 1 | -1): boolean {
    const rows = [...document.querySelectorAll<HTMLElement>("[data-ticket]")];
    const current = rows.findIndex((row) => row === document.activeElement);
    const from = current >= 0 ? current : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const next = from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + by));
    rows[next]?.focus();
    return rows.length > 0;
  }

  private toTab(at: number): boolean {
    const ticket = this.tabs()[at];
    if (ticket) this.context.router.go({ ticket: ticket.id, side: false });
    return true;
  }

  /** One step out: from a field to the page, from the case facts to the talk, from the talk to the lists. */
  private back(target: Element | null): boolean {
    const { route } = this.context.router;
    if (target instanceof HTMLElement && target.matches(FIELDS)) target.blur();
    else if (route.side) this.context.router.go({ ticket: route.ticket, side: false });
    else if (route.ticket) this.context.router.go({ ticket: null, side: false });
    return true;
  }
}

function focus(selector: string): boolean {
  const field = document.querySelector<HTMLElement>(selector);
  field?.focus();
  return field !== null;
}
