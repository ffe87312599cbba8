/** The seat's desk: session, tickets and stories as the gateway tells them, and what the seat does with them. */
import { reactive } from "vue";
import { ApiProblem, Client, seats, tickets } from "../shared/api";
import { ResumingStream, socketUrl, type StreamState } from "../shared/stream";
import type { Message, Seat, SeatSession, StoryMessage, TicketStatus } from "../shared/types";
import { Coalesced } from "./coalesce";
import { Memory } from "./memory";
import { Outbox } from "./outbox";
import { may } from "./route";
import { isMine, lastSeq, merge, unread } from "./story";
import type { Case, DeskFrame, Outgoing } from "./types";

export interface DeskState {
  seat: Seat | null;
  /** The last session ended by itself. */
  expired: boolean;
  link: StreamState;
  loaded: boolean;
  loadError: unknown;
  tickets: Record<string, Case>;
  stories: Record<string, StoryMessage[]>;
  read: Record<string, number>;
  /** Tickets whose visitor types, with the moment (ms) at which that is no longer believed. */
  typing: Record<string, number>;
  outgoing: Outgoing[];
}

/** What the desk tells the page: a new ticket or message to call the seat for, a ticket that went away. */
export interface DeskEvents {
  newTicket?: (ticket: Case) => void;
  newMessage?: (ticket: Case) => void;
  gone?: (ticketId: string, number: string) => void;
}

/** How a claim ended; `taken` carries the ticket as it is now, so that the page can say who has it. */
export type Claim = { result: "mine" } | { result: "taken"; ticket: Case } | { result: "gone" };

const OPEN: TicketStatus[] = ["waiting", "active", "answered"];
const DONE: TicketStatus[] = ["resolved", "followed_up", "closed"];
const TYPING_BELIEVED = 6_000;
/** A frame can be lost without the socket noticing; lists are therefore read again now and then. */
const REFRESH_EVERY = 60_000;

function blank(seat: Seat | null): DeskState {
  return {
    seat, expired: false, link: "closed", loaded: false, loadError: null,
    tickets: {}, stories: {}, read: {}, typing: {}, outgoing: [],
  };
}

export class Desk {
  readonly state: DeskState;
  readonly outbox: Outbox;
  private readonly once = new Coalesced();
  private readonly stream: ResumingStream<DeskFrame>;
  private timer: ReturnType<typeof setInterval> | undefined;
  private open: string | null = null;

  constructor(
    readonly memory: Memory,
    readonly client: Client = new Client(),
    private readonly events: DeskEvents = {},
    socket?: (url: string) => WebSocket,
  ) {
    this.state = reactive(blank(null));
    this.outbox = this.makeOutbox();
    this.stream = new ResumingStream<DeskFrame>({
      url: () => socketUrl(client.base, "/v1/seats/stream"),
      token: () => client.token ?? "",
      onFrame: (frame) => this.onFrame(frame),
      onState: (link) => this.onLink(link),
      socket,
    });
  }

  /** After a reload: the session goes on if there is one. */
  resume(): void {
    const token = this.memory.get("token");
    const seat = this.memory.get("seat");
    if (!token || !seat) return;
    this.begin(token, seat);
    void this.guard(seats.me(this.client)).then((fresh) => this.setSeat(fresh), () => undefined);
  }

  async login(username: string, password: string): Promise<void> {
    const session: SeatSession = await seats.login(this.client, username, password);
    this.memory.admit(session.seat, session.token);
    this.begin(session.token, session.seat);
  }

  /** Leaves at once; the gateway is told, but a broken connection keeps nobody logged in here. */
  async logout(): Promise<void> {
    const leaving = seats.logout(this.client).catch(() => undefined);
    this.end();
    this.memory.clear();
    await leaving;
  }

  async setAvailable(available: boolean): Promise<void> {
    this.setSeat(await this.guard(seats.change(this.client, { available })));
  }

  /** The ticket in view: its story is read and kept up to date. */
  async look(ticketId: string | null): Promise<void> {
    this.open = ticketId;
    if (ticketId && this.state.seat) await this.sync(ticketId);
  }

  markRead(ticketId: string): void {
    const seq = lastSeq(this.state.stories[ticketId] ?? []);
    if (seq <= (this.state.read[ticketId] ?? 0)) return;
    this.state.read[ticketId] = seq;
    this.memory.set("read", { ...this.state.read });
  }

  unread(ticketId: string): number {
    return unread(this.state.stories[ticketId] ?? [], this.state.read[ticketId] ?? 0);
  }

  async claim(ticketId: string): Promise<Claim> {
    try {
      this.accept(await this.guard<Case>(tickets.claim(this.client, ticketId)));
      return { result: "mine" };
    } catch (error) {
      if (!(error instanceof ApiProblem) || ![404, 409].includes(error.status)) throw error;
      await this.sync(ticketId);
      const ticket = this.state.tickets[ticketId];
      return ticket ? { result: "taken", ticket } : { result: "gone" };
    }
  }

  async resolve(ticketId: string, category: string, note: string): Promise<void> {
    const end = { ...(category && { category }), ...(note.trim() && { note: note.trim() }) };
    this.accept(await this.guard<Case>(tickets.resolve(this.client, ticketId, end)));
    this.memory.keepDraft(ticketId, "");
  }

  /** Whatever else is done to a case; the page shows it as the gateway returns it. */
  async act(ticketId: string, what: string, body: Record<string, unknown> = {}): Promise<void> {
    this.accept(await this.guard<Case>(tickets.act(this.client, ticketId, what, body)));
  }

  /** The next of the line that this seat can serve; its id, or null when nobody waits. */
  async next(): Promise<string | null> {
    const found = await this.guard<Case | null>(tickets.next(this.client));
    if (found) this.accept(found);
    return found?.id ?? null;
  }

  /** A call with the session that concerns no ticket of the desk. */
  ask<T>(call: (client: Client) => Promise<T>): Promise<T> {
    return this.guard(call(this.client));
  }

  /** Tells the visitor that somebody writes; not worth an error. */
  typing(ticketId: string, on: boolean): void {
    void this.guard(tickets.typing(this.client, ticketId, on)).catch(() => undefined);
  }

  /** Reads the lists and every story in use again; what came meanwhile is read once more. */
  refresh(): Promise<void> {
    return this.once.run("lists", async () => {
      try {
        await this.readLists();
        this.state.loadError = null;
      } catch (error) {
        this.state.loadError = error;
      }
    });
  }

  /** Reads one ticket with its story. */
  sync(ticketId: string): Promise<void> {
    return this.once.run(ticketId, async () => {
      try {
        const found = await this.guard<Case>(tickets.read(this.client, ticketId));
        if (this.outbox.busy(ticketId)) delete found.messages; // its own answer is about to bring the number
        this.accept(found);
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) this.forget(ticketId);
      }
    });
  }

  private begin(token: string, seat: Seat): void {
    Object.assign(this.state, blank(seat), {
      read: { ...this.memory.get("read") },
      // A page that was left in the middle of sending does not know the outcome: repeating is safe, silence is not.
      outgoing: this.memory.get("outgoing").map((item) => ({ ...item, status: "failed" as const })),
    });
    this.client.token = token;
    clearInterval(this.timer);
    if (!may.answer(seat)) return; // an editor's or administrator's console has no cases to ask for
    this.stream.start();
    void this.refresh();
    this.timer = setInterval(() => void this.refresh(), REFRESH_EVERY);
  }

  private end(): void {
    this.stream.stop();
    clearInterval(this.timer);
    this.client.token = null;
    Object.assign(this.state, blank(null));
  }

  private expire(): void {
    if (!this.state.seat) return;
    this.end();
    this.memory.endSession();
    this.state.expired = true;
  }

  /** Every call with the session goes through here: a 401 means that the session is over. */
  async guard<T>(work: Promise<T>): Promise<T> {
    const token = this.client.token;
    try {
      return await work;
    } catch (error) {
      const over = error instanceof ApiProblem && error.status === 401;
      if (over && token === this.client.token) this.expire();
      throw error;
    }
  }

  private setSeat(seat: Seat): void {
    if (!this.state.seat) return;
    this.state.seat = seat;
    this.memory.set("seat", seat);
  }

  private async readLists(): Promise<void> {
    const [open, invited, done] = await Promise.all([
      this.guard<{ tickets: Case[] }>(tickets.list(this.client, { status: OPEN, limit: 200 })),
      this.guard<{ tickets: Case[] }>(tickets.list(this.client, { status: OPEN, mine: true, limit: 100 })), // guest elsewhere
      this.guard<{ tickets: Case[] }>(tickets.list(this.client, { status: DONE, mine: true, limit: 100 })),
    ]);
    const before = this.state.tickets;
    const after: Record<string, Case> = {};
    for (const found of [...done.tickets, ...invited.tickets, ...open.tickets]) after[found.id] = { ...before[found.id], ...whole(found) };
    const viewed = this.open ? before[this.open] : undefined;
    if (viewed && !after[viewed.id]) after[viewed.id] = viewed; // read again below, which tells whether it is gone
    this.state.tickets = after;
    if (this.state.loaded) {
      open.tickets.filter((one) => one.status === "waiting" && !before[one.id]).forEach((one) => this.events.newTicket?.(one));
    }
    this.state.loaded = true;
    const used = Object.values(after).filter((one) => one.id === this.open || this.isMine(one));
    await Promise.all(used.map((one) => this.sync(one.id)));
  }

  private isMine(ticket: Case): boolean {
    return isMine(ticket, this.state.seat?.id);
  }

  private onLink(link: StreamState): void {
    this.state.link = link;
    if (link === "refused") this.expire();
  }

  private onFrame(frame: DeskFrame): void {
    if (frame.type === "ready" || frame.type === "wake") void this.refresh();
    else if (frame.type === "ticket") this.onTicket(frame.ticket);
    else if (frame.type === "message") this.onMessage(frame.ticket_id, frame.message);
    else if (frame.type === "typing") this.onTyping(frame.ticket_id, frame.on);
  }

  private onTicket(ticket: Case): void {
    const before = this.state.tickets[ticket.id];
    this.put(ticket);
    if (!before && ticket.status === "waiting" && this.state.loaded) this.events.newTicket?.(ticket);
    const known = this.state.stories[ticket.id];
    const behind = (ticket.last_message?.seq ?? 0) > lastSeq(known ?? []) || before?.status !== ticket.status;
    if (behind && (known || this.isMine(ticket) || ticket.id === this.open)) void this.sync(ticket.id);
  }

  private onMessage(ticketId: string, message: Message): void {
    const ticket = this.state.tickets[ticketId];
    const known = this.state.stories[ticketId];
    delete this.state.typing[ticketId];
    if (!ticket) return void this.refresh();
    if (message.seq >= (ticket.last_message?.seq ?? 0)) ticket.last_message = message;
    if (known) {
      const gap = message.seq > lastSeq(known) + 1;
      this.state.stories[ticketId] = merge(known, [message]);
      if (gap) void this.sync(ticketId);
    }
    if (message.sender === "user" && this.isMine(ticket)) this.events.newMessage?.(ticket);
  }

  private onTyping(ticketId: string, on: boolean): void {
    if (!on) return void delete this.state.typing[ticketId];
    const until = Date.now() + TYPING_BELIEVED;
    this.state.typing[ticketId] = until;
    setTimeout(() => {
      if (this.state.typing[ticketId] === until) delete this.state.typing[ticketId];
    }, TYPING_BELIEVED);
  }

  private put(ticket: Case): void {
    this.state.tickets[ticket.id] = { ...this.state.tickets[ticket.id], ...whole(ticket) };
  }

  /** A ticket as a single call returned it: facts, and the story if it came along. */
  private accept(ticket: Case): void {
    if (!this.state.seat) return;
    this.put(ticket);
    if (!ticket.messages) return;
    const known = this.state.stories[ticket.id] ?? [];
    const fresh = ticket.messages.filter((message) => message.seq > lastSeq(known));
    this.state.stories[ticket.id] = merge(known, ticket.messages);
    this.outbox.reconcile(ticket.id, fresh);
  }

  private forget(ticketId: string): void {
    const number = this.state.tickets[ticketId]?.number ?? "";
    delete this.state.tickets[ticketId];
    delete this.state.stories[ticketId];
    this.events.gone?.(ticketId, number);
  }

  private makeOutbox(): Outbox {
    return new Outbox({
      items: () => this.state.outgoing,
      send: (item) => this.guard(tickets.reply(this.client, item.ticketId, item.text, item.clientId)),
      settled: (ticketId, message) => {
        if (!this.state.seat) return;
        if (message) this.state.stories[ticketId] = merge(this.state.stories[ticketId] ?? [], [message]);
        void this.sync(ticketId);
      },
      changed: () => {
        if (!this.state.seat) return; // the session ended in between: what the memory holds is for the return
        this.memory.set("outgoing", this.state.outgoing.map((item) => ({ ...item })));
      },
    });
  }
}

/** Without the fields that only a single ticket's call carries: a list must not wipe out the history that is known. */
function whole(ticket: Case): Case {
  const { messages: _messages, history, notes, history_whole, ...rest } = ticket;
  return { ...rest, ...(history && { history, notes, history_whole }) };
}
