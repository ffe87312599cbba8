/** Pure functions over a conversation's messages and a unit's tickets. */
import type { Language, Message, StoryMessage } from "../shared/types";
import type { Case, LogLine, Outgoing } from "./types";

/** Both lists as one, in order of sequence number, each message once; a newer copy replaces an older one. */
export function merge(known: readonly StoryMessage[], found: readonly StoryMessage[]): StoryMessage[] {
  const bySeq = new Map<number, StoryMessage>();
  for (const message of [...known, ...found]) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
}

export function lastSeq(messages: readonly Message[]): number {
  return messages.at(-1)?.seq ?? 0;
}

/** How much the visitor said since `read`; what a seat has answered was read, be it on another computer. */
export function unread(messages: readonly Message[], read: number): number {
  const answered = messages.filter((message) => message.sender === "seat").at(-1)?.seq ?? 0;
  const since = Math.max(read, answered);
  return messages.filter((message) => message.sender === "user" && message.seq > since).length;
}

/** The waiting line in the gateway's order: urgent ones first, then first come first served. */
export function waitingLine(cases: readonly Case[]): Case[] {
  return cases
    .filter((one) => one.status === "waiting")
    .sort((a, b) => Number(b.urgent) - Number(a.urgent) || Date.parse(a.opened_at) - Date.parse(b.opened_at) || a.number.localeCompare(b.number));
}

/** The place in one's own unit's line, which moves with every claim; of another unit's case, as it was told. */
export function placeOf(ticket: Case, cases: readonly Case[], unitId: string | undefined): number | null {
  if (ticket.status !== "waiting" || ticket.unit.id !== unitId) return ticket.position;
  return waitingLine(cases.filter((one) => one.unit.id === unitId)).findIndex((one) => one.id === ticket.id) + 1;
}

/** Held by somebody: being worked on, or answered and not yet closed. */
export function held(ticket: Pick<Case, "status">): boolean {
  return ticket.status === "active" || ticket.status === "answered";
}

/** I hold it, or was invited to it. */
export function isMine(ticket: Case, seatId: string | undefined): boolean {
  if (!seatId || !held(ticket)) return false;
  return ticket.seat?.id === seatId || (ticket.guests ?? []).some((guest) => guest.id === seatId);
}

/** My open conversations, in the order in which I took them: tabs must not jump about. */
export function mine(cases: readonly Case[], seatId: string): Case[] {
  return cases
    .filter((one) => isMine(one, seatId))
    .sort((a, b) => (a.claimed_at ?? "").localeCompare(b.claimed_at ?? ""));
}

const DONE: readonly Case["status"][] = ["resolved", "followed_up", "closed"];

/** What I closed since midnight, latest first. */
export function resolvedToday(cases: readonly Case[], seatId: string, now: Date): Case[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  return cases
    .filter((one) => DONE.includes(one.status) && one.seat?.id === seatId)
    .filter((one) => one.resolved_at !== null && new Date(one.resolved_at).getTime() >= midnight)
    .sort((a, b) => (b.resolved_at ?? "").localeCompare(a.resolved_at ?? ""));
}

/**
 * The visitor's last message that is a question: one the bot took for the wish for a human ("转人工") finds
 * nothing in the knowledge base, so the one before it is meant.
 */
export function lastQuestion(messages: readonly Message[]): Message | null {
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const message = messages[at];
    if (message?.sender !== "user") continue;
    const reply = messages.slice(at + 1).find((later) => later.sender === "bot" || later.sender === "user");
    if (reply?.sender === "bot" && reply.kind === "handoff") continue;
    return message;
  }
  return null;
}

/** The language that the visitor writes now, else the one the ticket was routed by. */
export function visitorLanguage(messages: readonly Message[], ticket: Case): Language {
  return messages.filter((message) => message.sender === "user").at(-1)?.language ?? ticket.language;
}

/** The story with a line before each new day, then what is still on its way. */
export function logLines(messages: readonly StoryMessage[], outgoing: readonly Outgoing[], day: (iso: string) => string): LogLine[] {
  const lines: LogLine[] = [];
  let current = "";
  for (const message of messages) {
    const today = day(message.created_at);
    if (today !== current) lines.push({ type: "day", key: `day-${message.seq}`, day: today });
    current = today;
    lines.push({ type: "message", key: `m-${message.seq}`, message });
  }
  for (const item of outgoing) lines.push({ type: "outgoing", key: `o-${item.clientId}`, item });
  return lines;
}
