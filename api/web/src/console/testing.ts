/** Messages, tickets, a gateway and a socket for the console's tests. */
import { vi } from "vitest";
import { Client } from "../shared/api";
import type { Message, Seat, Sender } from "../shared/types";
import type { Case, DeskFrame } from "./types";

export const SEAT: Seat = {
  id: "me", username: "li", name: "李敏", kind: "exit_entry", unit: { id: "psb-440300", name: "深圳" },
  languages: ["zh"], roles: ["seat"], available: true, capacity: 3,
};

export function message(seq: number, sender: Sender = "user", text = `message ${seq}`): Message {
  return {
    id: `m${seq}`, seq, sender, kind: "text", text, language: "zh", sources: [], choices: [],
    created_at: `2026-11-23T03:00:${String(seq).padStart(2, "0")}Z`,
  };
}

export function ticket(id: string, change: Partial<Case> = {}): Case {
  return {
    id, number: `12367-20261123-${id}`, status: "waiting", queue: { id: "q", kind: "exit_entry", language: "zh" },
    unit: SEAT.unit, business: "documents", language: "zh", place: null, reason: "", rule: "documents", routing: {},
    position: 1, opened_at: "2026-11-23T03:00:00Z", claimed_at: null, first_response_at: null, resolved_at: null,
    seat: null, conversation_id: `c-${id}`, category: null, note: null, last_message: null,
    mode: "live", urgent: false, confidential: false, supervised_at: null, merged_into: null, reopened: 0, score: null,
    contact_hint: null, awaited_since: null, response_due_at: null, response_alert: 0, completion_due_at: null,
    completion_alert: 0, extended: false, follow_up_at: null, guests: [], ...change,
  };
}

/** Answers of a gateway by method and path; a test changes them as it goes on. */
export type Answers = Record<string, (body: unknown) => { status?: number; body?: unknown } | "offline">;

/** A client whose calls are answered here and remembered as `METHOD path`. */
export function fakeClient(answers: Answers): { client: Client; calls: string[]; bodies: unknown[] } {
  const calls: string[] = [];
  const bodies: unknown[] = [];
  const client = new Client({
    fetch: async (input, init) => {
      const name = `${init?.method ?? "GET"} ${String(input)}`;
      const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
      calls.push(name);
      bodies.push(body);
      const answer = answers[name]?.(body) ?? { status: 404, body: { status: 404, title: "", detail: name } };
      if (answer === "offline") throw new TypeError("network");
      const status = answer.status ?? 200;
      const text = status === 204 ? null : JSON.stringify(answer.body ?? {});
      return new Response(text, { status, headers: { "Content-Type": "application/json" } });
    },
  });
  return { client, calls, bodies };
}

/** The gateway's end of the stream. */
export class FakeSocket {
  static last: FakeSocket;
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: string[] = [];

  constructor() {
    FakeSocket.last = this;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }

  push(frame: DeskFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

export const fakeSocket = (): WebSocket => new FakeSocket() as unknown as WebSocket;

/** Lets everything that is under way come to its end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await vi.advanceTimersByTimeAsync(0);
}
