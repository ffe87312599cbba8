/**
 * The shapes of the public interface under the names that this folder uses. They are generated from the gateway's
 * OpenAPI document (`npm run types`), so a change of the interface shows as a type error here or where it matters.
 * Frames of the two streams and error documents are not part of that document and stand here in full.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** One message as everybody sees it; `seq` counts up within its conversation. */
export type Message = Schemas["MessageOut"];
export type Language = Message["language"];
export type Sender = Message["sender"];
export type Kind = Message["kind"];
/** Where an answer comes from; `url` is an official address or null. */
export type Source = Schemas["Source"];
/** A button: what it says, and the text to send when it is pressed. */
export type Choice = Schemas["Choice"];

export type Started = Schemas["Started"];
/** A message and what came back; `pending` means that more will come. */
export type Exchange = Schemas["Exchange"];
export type Owner = Exchange["owner"];
export type History = Schemas["History"];
/** The visitor's place in the waiting line; position 1 is next. */
export type QueuePlace = Schemas["QueuePlace"];
/** Who is answering. */
export type SeatName = Schemas["SeatName"];
export type ConversationState = Schemas["ConversationOut"];
export type Origin = NonNullable<ConversationState["origin"]>;
export type Business = NonNullable<Schemas["HandoffRequest"]["business"]>;
export type Feedback = Schemas["FeedbackOut"];
export type Rating = Schemas["RatingOut"];

/** A text in the languages it exists in; Cantonese may be missing where Chinese stands in for it. */
export type LocalisedText = { zh: string; en: string; yue?: string | null };

/** A published knowledge entry as anyone may read it; the document leaves its inner objects open. */
export type Entry = Omit<Schemas["EntryOut"], "questions" | "answer" | "sources"> & {
  questions: Record<Language, string[]>;
  answer: Record<Language, string>;
  sources: { title: LocalisedText | string; url: string | null; date: string | null }[];
};
export type SearchAnswer = Omit<Schemas["Results"], "results"> & { results: { score: number; entry: Entry }[] };

/** A port of entry, and whether it is open now. */
export type PortCard = Schemas["PortOut"];
export type PortPage = Schemas["PortsOut"];
/** What a journey may be for. */
export type Purpose = NonNullable<Schemas["VisaQuestion"]["purpose"]>;

/** What opens the answer to a message left behind; the code is told once. */
export type Receipt = Schemas["Receipt"];
export type LookedUp = Schemas["LookedUp"];

/** Frames that a visitor's stream receives. */
export type VisitorFrame =
  | { type: "ready"; owner: Owner; seq: number }
  | { type: "message"; message: Message }
  | { type: "state"; owner: Owner; queue: QueuePlace | null; seat: SeatName | null }
  | { type: "typing"; sender: "seat" | "bot"; on: boolean }
  | { type: "pong" };

/** A person who answers. */
export type Seat = Schemas["SeatOut"];
export type SeatKind = Seat["kind"];
export type SeatSession = Schemas["LoggedIn"];
/** A case handed to people; `messages` only where one ticket is asked for. Its history is the console's own matter. */
export type Ticket = Omit<Schemas["TicketOut"], "history">;
/** A message as the seats read it: with what the bot had understood. */
export type StoryMessage = Schemas["StoryMessage"];
export type TicketNote = Schemas["NoteOut"];
export type Board = Schemas["Board"];
export type SeatOnBoard = Schemas["SeatBoard"];
export type Colleague = Schemas["Colleague"];
/** Who can be given a case. */
export type Unit = Schemas["UnitRow"];
export type ChannelWindow = Schemas["WindowOut"];
export type Account = Schemas["Account"];
export type AuditLog = Schemas["AuditLog"];
export type Role = Account["roles"][number];
export type TicketStatus = Ticket["status"];
export type QueueKind = Ticket["queue"]["kind"];

/** Frames that a seat's stream receives. */
export type SeatFrame =
  | { type: "ready" }
  | { type: "ticket"; ticket: Ticket }
  | { type: "message"; ticket_id: string; message: Message }
  | { type: "typing"; ticket_id: string; on: boolean }
  | { type: "pong" };

/** An error document (RFC 9457). */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { field: string; message: string }[];
}
