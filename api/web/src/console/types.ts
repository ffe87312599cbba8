/** What the console adds to the public shapes. */
import type { SeatFrame, StoryMessage, Ticket } from "../shared/types";

export type { StoryMessage };

/** One line of a ticket's history, as `GET /v1/tickets/{id}` lists it. */
export interface TicketEvent {
  what: string;
  seat_id: string | null;
  details: Record<string, unknown>;
  at: string;
}

/** A ticket with everything that only the single ticket's call carries. */
export interface Case extends Ticket {
  history?: TicketEvent[];
}

/** `wake`: the gateway may have lost frames (its bus was away), so everything is to be read again. */
export type DeskFrame = SeatFrame | { type: "wake" };

/** A seat's words on their way: kept until the gateway confirms them, always under the same key. */
export interface Outgoing {
  clientId: string;
  ticketId: string;
  text: string;
  at: string;
  status: "sending" | "failed";
  /** Why the gateway refused; empty when simply nobody answered. */
  reason: string;
}

/** Something the log shows: a message of the story, or words still on their way. */
export type LogLine =
  | { type: "day"; key: string; day: string }
  | { type: "message"; key: string; message: StoryMessage }
  | { type: "outgoing"; key: string; item: Outgoing };
