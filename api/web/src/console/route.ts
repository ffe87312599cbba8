/** Where the console stands: in the address's fragment, so that reload and the browser's Back work. */
import { reactive } from "vue";
import type { Role, Seat } from "../shared/types";
import { isKnowledge } from "./knowledge/place";

export interface Route {
  /** The ticket in view. */
  ticket: string | null;
  /** The case facts instead of the conversation, where the screen has no room for both. */
  side: boolean;
  /** Another page than the desk: the supervisors' or the accounts. */
  page?: Page;
}

export type Page = "lead" | "accounts" | "audit";

/** Which parts of the console somebody's roles open; the gateway refuses the others. */
export const may = {
  answer: (seat: Seat): boolean => has(seat, "seat", "supervisor"),
  lead: (seat: Seat): boolean => has(seat, "supervisor"),
  keepAccounts: (seat: Seat): boolean => has(seat, "administrator"),
  readKnowledge: (seat: Seat): boolean => has(seat, "supervisor", "editor", "administrator"),
};

function has(seat: Seat, ...roles: Role[]): boolean {
  return seat.roles.some((role) => roles.includes(role));
}

/** The address to stand at: the one asked for where the roles open it, else where the person's work begins. */
export function allowedHash(seat: Seat, hash: string): string {
  const { page } = parseRoute(hash);
  const opened = isKnowledge(hash) ? may.readKnowledge(seat)
    : page === "accounts" || page === "audit" ? may.keepAccounts(seat)
    : page === "lead" ? may.lead(seat)
    : may.answer(seat);
  return opened ? hash : may.answer(seat) ? "#/" : "#/k/entries";
}
const PAGES: readonly Page[] = ["lead", "accounts", "audit"];

/** `#/t/<id>/case` → {ticket: id, side: true}; anything else is the list. */
export function parseRoute(hash: string): Route {
  const page = PAGES.find((one) => hash === `#/${one}`);
  if (page) return { ticket: null, side: false, page };
  const match = /^#\/t\/([\w-]+)(\/case)?$/.exec(hash);
  return { ticket: match?.[1] ?? null, side: Boolean(match?.[2]) };
}

export function formatRoute(route: Route): string {
  if (route.page) return `#/${route.page}`;
  if (!route.ticket) return "#/";
  return `#/t/${route.ticket}${route.side ? "/case" : ""}`;
}

export class Router {
  readonly route = reactive<Route>(parseRoute(location.hash));

  constructor() {
    window.addEventListener("hashchange", () => this.show(parseRoute(location.hash)));
  }

  private show(to: Route): void {
    Object.assign(this.route, { page: undefined, ...to });
  }

  /** From the list to a ticket is a step that Back undoes; from tab to tab is not. */
  go(to: Route): void {
    const replace = this.route.ticket !== null && to.ticket !== null && this.route.side === to.side;
    this.show(to);
    if (location.hash === formatRoute(to)) return;
    if (replace) history.replaceState(null, "", formatRoute(to));
    else history.pushState(null, "", formatRoute(to));
  }
}
