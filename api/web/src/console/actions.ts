/** What can be done to a case beside answering and closing it: who may, what is asked for, and which key opens it. */
import type { Seat } from "../shared/types";
import { held } from "./story";
import type { Case } from "./types";

export type Field = "reason" | "unit" | "seat" | "note" | "text" | "into" | "days" | "partner";
export type ActionName =
  | "transfer" | "invite" | "invite-partner" | "notes" | "bot" | "return" | "release" | "merge" | "confidential" | "hand-over" | "leave"
  | "reopen" | "assign" | "supervise" | "extend";

export interface Action {
  fields: readonly Field[];
  key?: string;
  allowed: (ticket: Case, seat: Seat) => boolean;
  /** What the call takes beside the fields. */
  fixed?: (ticket: Case) => Record<string, unknown>;
}

const leads = (seat: Seat): boolean => seat.roles.includes("supervisor");
const open = (ticket: Case): boolean => ticket.status === "waiting" || held(ticket);
const holds = (ticket: Case, seat: Seat): boolean => held(ticket) && ticket.seat?.id === seat.id;
const charged = (ticket: Case, seat: Seat): boolean => holds(ticket, seat) || (leads(seat) && open(ticket));

export const ACTIONS: Record<ActionName, Action> = {
  transfer: { fields: ["unit", "reason", "note"], key: "t", allowed: charged },
  invite: { fields: ["seat"], key: "v", allowed: holds },
  "invite-partner": {
    fields: ["partner", "reason"], allowed: (ticket, seat) => holds(ticket, seat) && ticket.mode !== "order" && !ticket.partner,
  },
  notes: { fields: ["text"], key: "n", allowed: (ticket) => open(ticket) },
  bot: { fields: ["reason"], key: "b", allowed: (ticket, seat) => holds(ticket, seat) && ticket.mode !== "order" },
  return: { fields: ["reason"], allowed: (ticket, seat) => charged(ticket, seat) || ticket.status === "waiting" },
  release: { fields: ["reason"], allowed: (ticket, seat) => held(ticket) && charged(ticket, seat) },
  merge: { fields: ["into", "reason"], allowed: (ticket, seat) => charged(ticket, seat) && ticket.mode !== "order" },
  confidential: {
    fields: ["reason"], allowed: charged, fixed: (ticket) => ({ on: !ticket.confidential }),
  },
  "hand-over": { fields: ["partner", "reason"], allowed: (ticket, seat) => charged(ticket, seat) && ticket.mode !== "order" },
  leave: { fields: [], allowed: (ticket, seat) => held(ticket) && (ticket.guests ?? []).some((guest) => guest.id === seat.id) },
  reopen: { fields: ["reason"], allowed: (ticket) => ["resolved", "followed_up", "closed"].includes(ticket.status) },
  assign: { fields: ["seat", "reason"], allowed: (ticket, seat) => leads(seat) && open(ticket) },
  supervise: { fields: ["reason"], allowed: (ticket, seat) => leads(seat) && open(ticket) },
  extend: { fields: ["days", "reason"], allowed: (ticket, seat) => leads(seat) && open(ticket) && !ticket.extended },
};

/** What this seat may do to this ticket, in the order of the menu. */
export function allowed(ticket: Case, seat: Seat): ActionName[] {
  return (Object.keys(ACTIONS) as ActionName[]).filter((name) => ACTIONS[name].allowed(ticket, seat));
}

/** The action that a letter opens, where it is allowed. */
export function actionOf(letter: string, ticket: Case, seat: Seat): ActionName | null {
  return allowed(ticket, seat).find((name) => ACTIONS[name].key === letter) ?? null;
}

/** What the call takes: the fields that were filled in, and what is fixed. */
export function bodyOf(name: ActionName, values: Partial<Record<Field, string>>, ticket: Case): Record<string, unknown> {
  const filled = ACTIONS[name].fields
    .map((field) => [field, (values[field] ?? "").trim()] as const)
    .filter(([, value]) => value)
    .map(([field, value]) => [field, field === "days" ? Number(value) : value]);
  return { ...Object.fromEntries(filled), ...ACTIONS[name].fixed?.(ticket) };
}
