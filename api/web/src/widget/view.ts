/** What the interface shows of a conversation. */
import type { StreamState } from "../shared/stream";
import type { Language, Message, Owner, QueuePlace, SeatName } from "../shared/types";
import type { Outgoing } from "./storage";

/** The part that begins anew with every conversation. */
export interface Talk {
  phase: "idle" | "starting" | "ready" | "failed";
  messages: Message[];
  outgoing: Outgoing[];
  owner: Owner;
  queue: QueuePlace | null;
  seat: SeatName | null;
  /** Who answered last; still shown beside the messages when the seat has left. */
  seatName: string | null;
  stream: StreamState;
  typing: "bot" | "seat" | null;
  /** A message is with the gateway and its answer has not come; it may already be shown, brought by the stream. */
  awaiting: boolean;
  handingOver: boolean;
  rated: number | null;
  /** Highest sequence number the visitor has had in view. */
  read: number;
  /** What the gateway said about the last call that is not a message's own failure. */
  problem: string | null;
}

export interface View extends Talk {
  language: Language;
  online: boolean;
}

export function blank(): Talk {
  return {
    phase: "idle", messages: [], outgoing: [], owner: "bot", queue: null, seat: null, seatName: null,
    stream: "closed", typing: null, awaiting: false, handingOver: false, rated: null, read: 0, problem: null,
  };
}

/** What may stand below the messages: a form that the visitor opened. */
export type Card = "rating" | "visa" | "ports" | "leave" | "lookup";
