/**
 * One visitor's conversation: what is shown, what is on its way, and where the talk stands. It hears of messages
 * three ways (the answer to a call, the stream, catching up), so it takes each by its id and orders by number.
 */
import { reactive } from "vue";
import { ApiProblem, Client, conversations, leftMessages, type Beginning, type NewLeftMessage } from "../shared/api";
import { toLanguage } from "../shared/i18n";
import type { Choice, Exchange, History, Language, Message, Receipt, VisitorFrame } from "../shared/types";
import { openLink, type Link, type LinkOptions } from "./link";
import { Outbox } from "./outbox";
import { describe, isGone } from "./problems";
import type { Outgoing, Shelf } from "./storage";
import { blank, type View } from "./view";

export interface ConversationOptions {
  client: Client;
  shelf: Shelf;
  language: Language;
  begin?: Omit<Beginning, "language">;
  /** Replaced in tests. */
  openLink?: (options: LinkOptions) => Link;
}

/** A typing sign ends by itself: the frame that ends it may be lost. */
const TYPING_SHOWN = 8_000;

export class Conversation {
  readonly view: View;
  private readonly outbox: Outbox;
  private id: string | null;
  private chosen: boolean;
  private draftText: string;
  private panelOpen: boolean;
  private foreign: Language | null = null;
  private lane: Promise<void> = Promise.resolve();
  private starting: Promise<void> | null = null;
  private link: Link | null = null;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;

  /** The gateway, for what is asked beside the talk. */
  get client(): Client {
    return this.options.client;
  }

  constructor(private readonly options: ConversationOptions) {
    const saved = options.shelf.read();
    this.id = saved.id;
    options.client.token = saved.token;
    this.chosen = saved.chosen;
    this.draftText = saved.draft;
    this.panelOpen = saved.open;
    this.view = reactive({
      ...blank(), language: (saved.id && saved.language) || options.language, online: navigator.onLine !== false,
      outgoing: saved.outgoing, rated: saved.rated, read: saved.read,
    });
    this.outbox = new Outbox(this.view, () => this.save());
    globalThis.addEventListener("online", this.onOnline);
    globalThis.addEventListener("offline", this.onOffline);
  }

  /** The highest sequence number known, from which everything resumes. */
  get seq(): number {
    return this.view.messages.at(-1)?.seq ?? 0;
  }

  /** There is an earlier conversation to come back to. */
  get resumable(): boolean {
    return this.id !== null;
  }

  /** Nothing has been said yet but the greeting. */
  private get silent(): boolean {
    const said = this.view.outgoing.length > 0 || this.view.messages.some((message) => message.sender === "user");
    return !said && this.view.owner === "bot";
  }

  get wasOpen(): boolean {
    return this.panelOpen;
  }

  get draft(): string {
    return this.draftText;
  }

  set draft(text: string) {
    this.draftText = text;
    this.save();
  }

  /** Remembers whether the panel is open, and that everything shown in an open panel has been read. */
  setOpen(open: boolean): void {
    this.panelOpen = open;
    if (open) this.view.read = this.seq;
    this.save();
  }

  /** Begins a conversation or comes back to the saved one; calling it again joins the attempt under way. */
  start(): Promise<void> {
    if (this.view.phase === "ready") return Promise.resolve();
    this.starting ??= this.begin().finally(() => (this.starting = null));
    return this.starting;
  }

  /** Sends what the visitor wrote; never throws, the message itself shows a failure. */
  send(text: string, label = text): Promise<void> {
    return this.enqueue(this.outbox.add(text, label));
  }

  /** Sends a failed message again under its first key: if it had arrived after all, it is not repeated. */
  retry(clientId: string): Promise<void> {
    return this.outbox.revive(clientId) ? this.enqueue(clientId) : Promise.resolve();
  }

  /** Takes back a message that could not be sent. */
  discard(clientId: string): void {
    this.outbox.settle(clientId);
  }

  /** Presses a button of a message. */
  choose(choice: Choice): Promise<void> {
    const language = /^\/choose_language\{.*"language"\s*:\s*"(\w+)"/.exec(choice.payload)?.[1];
    const known = toLanguage(language);
    if (known) {
      this.view.language = known;
      this.chosen = true;
    }
    const grade = /^\/rate\{.*"score"\s*:\s*"([1-5])"/.exec(choice.payload)?.[1];
    if (grade) this.view.rated = Number(grade);
    return this.send(choice.payload, choice.label);
  }

  /** The visitor's own switch of language: it binds. Before the first word the greeting is asked for anew. */
  async changeLanguage(language: Language): Promise<void> {
    this.view.language = language;
    this.chosen = true;
    this.save();
    if (!this.id || this.view.phase !== "ready") return;
    if (this.silent) return this.restart();
    await this.quietly(() => conversations.change(this.options.client, this.id!, { language }));
  }

  /** Asks for a human. */
  async requestHuman(): Promise<void> {
    if (this.view.handingOver || this.view.owner !== "bot") return;
    this.view.handingOver = true;
    try {
      await this.start();
      const id = this.id;
      if (!id) return;
      await this.quietly(async () => this.take(await conversations.handoff(this.options.client, id)));
    } finally {
      this.view.handingOver = false;
    }
  }

  /** Leaves a message for who is not there; an error is the caller's to show. */
  async leave(message: NewLeftMessage): Promise<Receipt | null> {
    await this.start();
    const id = this.id;
    if (!id) return null;
    const receipt = await leftMessages.leave(this.options.client, id, message);
    await this.catchUp();
    return receipt;
  }

  /** Stores a grade of 1 to 5; false when it could not be stored. */
  async rate(score: number, comment: string): Promise<boolean> {
    const id = this.id;
    if (!id) return false;
    const done = await this.quietly(() => conversations.rate(this.options.client, id, score, comment || undefined));
    if (done) this.view.rated = score;
    this.save();
    return done;
  }

  /** Stores whether an answer helped; false, with the thumb as it was, when it could not be stored. */
  async judge(messageId: string, helpful: boolean, comment: string): Promise<boolean> {
    const id = this.id;
    const message = this.view.messages.find((one) => one.id === messageId);
    if (!id || !message) return false;
    const before = message.helpful;
    message.helpful = helpful;
    const done = await this.quietly(() =>
      conversations.judge(this.options.client, id, messageId, helpful, comment || undefined));
    if (!done) message.helpful = before;
    return done;
  }

  /** Tells the seat that the visitor is writing. */
  typing(on: boolean): void {
    if (this.view.owner === "seat") this.link?.send({ type: "typing", on });
  }

  /** Leaves this conversation behind and begins another one. */
  async restart(): Promise<void> {
    this.forget();
    await this.start();
  }

  /** Ends timers and connections; the saved state stays. */
  dispose(): void {
    this.unlink();
    globalThis.removeEventListener("online", this.onOnline);
    globalThis.removeEventListener("offline", this.onOffline);
  }

  /** Takes what the stream brings. */
  receive(frame: VisitorFrame): void {
    if (frame.type === "message") {
      const before = this.seq;
      this.accept([frame.message]);
      if (frame.message.seq > before + 1) void this.catchUp(before);
    } else if (frame.type === "state") {
      this.stand(frame);
    } else if (frame.type === "typing") {
      this.showTyping(frame.on ? frame.sender : null);
    } else if (frame.type === "ready") {
      this.view.owner = frame.owner;
    }
  }

  /** Adds messages not yet known, in the order of their numbers. `mine` is the key that they confirm, if known. */
  accept(messages: readonly Message[], mine?: string): void {
    if (mine) this.outbox.settle(mine);
    const known = new Set(this.view.messages.map((message) => message.id));
    const fresh = messages.filter((message) => !known.has(message.id) && known.add(message.id));
    if (!fresh.length) return;
    for (const message of fresh) {
      if (message.sender === "user" && !mine && this.view.phase === "ready") this.outbox.confirm(message);
      if (message.sender === this.view.typing) this.showTyping(null);
    }
    this.view.messages = [...this.view.messages, ...fresh].sort((a, b) => a.seq - b.seq);
    if (this.panelOpen) this.view.read = this.seq;
    this.save();
  }

  private async begin(): Promise<void> {
    this.view.phase = "starting";
    this.view.problem = null;
    try {
      if (this.id) await this.resume(this.id);
      if (!this.id) await this.create();
      this.view.phase = "ready";
      this.connect();
      for (const item of this.outbox.items) if (item.status === "sending") void this.enqueue(item.clientId);
    } catch (error) {
      this.view.phase = "failed";
      this.view.problem = describe(error);
    }
  }

  private async create(): Promise<void> {
    const { client, begin } = this.options;
    const started = await conversations.start(client, { ...begin, language: this.view.language });
    this.id = started.id;
    client.token = started.token;
    this.accept(started.messages);
    this.save();
    if (this.chosen) {
      await this.quietly(() => conversations.change(client, started.id, { language: this.view.language }));
    }
  }

  private async resume(id: string): Promise<void> {
    try {
      this.catchUpWith(await conversations.since(this.options.client, id, 0));
      // The visitor went on to the site's page in another language before saying anything.
      if (this.silent && !this.chosen && this.view.language !== this.options.language) {
        this.forget();
        this.view.language = this.options.language;
      }
    } catch (error) {
      if (!isGone(error)) throw error;
      this.forget(this.outbox.items);
    }
  }

  /** One message after the other: their order is part of what was said. */
  private enqueue(clientId: string): Promise<void> {
    this.lane = this.lane.then(() => this.deliver(clientId));
    return this.lane;
  }

  private async deliver(clientId: string, again = false): Promise<void> {
    await this.start();
    const item = this.outbox.find(clientId);
    if (item?.status !== "sending") return;
    const id = this.id;
    if (!id) return this.outbox.fail(clientId, "");
    this.view.awaiting = true;
    try {
      const exchange = await conversations.send(this.options.client, id, item.text, clientId);
      if (id !== this.id) return;
      this.take(exchange, clientId);
      this.followLanguage(exchange);
    } catch (error) {
      if (!again && isGone(error)) {
        this.forget(this.outbox.items);
        return this.deliver(clientId, true);
      }
      this.outbox.fail(clientId, error instanceof ApiProblem ? describe(error) : "");
    } finally {
      this.view.awaiting = false;
    }
  }

  private take(exchange: Exchange, mine?: string): void {
    this.accept([...(exchange.message ? [exchange.message] : []), ...exchange.replies], mine);
    this.view.owner = exchange.owner;
    const withPeople = exchange.owner === "queue" || exchange.owner === "seat";
    const behind = exchange.pending || (withPeople && !this.view.queue && !this.view.seat);
    if (behind && this.view.stream !== "open") void this.catchUp();
  }

  /** Unless chosen by hand, the interface speaks as the answers do: after the first message, or two in a row. */
  private followLanguage(exchange: Exchange): void {
    const reply = exchange.replies.find((message) => message.sender === "bot");
    if (!reply || this.chosen) return;
    const first = this.view.messages.filter((message) => message.sender === "user").length <= 1;
    if (reply.language !== this.view.language && (first || this.foreign === reply.language)) {
      this.view.language = reply.language;
      this.foreign = null;
    } else {
      this.foreign = reply.language === this.view.language ? null : reply.language;
    }
    this.save();
  }

  private connect(): void {
    this.unlink();
    this.link = (this.options.openLink ?? openLink)({
      client: this.options.client,
      id: this.id!,
      seq: () => this.seq,
      onFrame: (frame) => this.receive(frame),
      onState: (state) => (this.view.stream = state),
      look: () => this.catchUp(),
    });
    this.link.start();
  }

  private unlink(): void {
    clearTimeout(this.typingTimer);
    this.link?.stop();
    this.link = null;
  }

  private async catchUp(after = this.seq): Promise<void> {
    const id = this.id;
    if (!id) return;
    try {
      const history = await conversations.since(this.options.client, id, after);
      if (id === this.id) this.catchUpWith(history);
    } catch (error) {
      // The next look or the stream's own return makes up for it; a conversation that is gone is begun anew.
      if (isGone(error) && id === this.id) await this.restart();
    }
  }

  private catchUpWith(history: History): void {
    this.accept(history.messages);
    this.stand(history);
  }

  private stand({ owner, queue, seat }: Pick<History, "owner" | "queue" | "seat">): void {
    Object.assign(this.view, { owner, queue: queue ?? null, seat: seat ?? null });
    if (seat) this.view.seatName = seat.name;
    if (owner !== "seat" && this.view.typing === "seat") this.showTyping(null);
  }

  private showTyping(who: "bot" | "seat" | null): void {
    clearTimeout(this.typingTimer);
    this.view.typing = who;
    if (who) this.typingTimer = setTimeout(() => (this.view.typing = null), TYPING_SHOWN);
  }

  private forget(keep: Outgoing[] = []): void {
    this.unlink();
    this.id = null;
    this.options.client.token = null;
    Object.assign(this.view, blank(), { outgoing: keep });
    this.save();
  }

  /** Runs a call whose failure is told beside the conversation, not inside it. */
  private async quietly(call: () => Promise<unknown>): Promise<boolean> {
    this.view.problem = null;
    try {
      await call();
      return true;
    } catch (error) {
      this.view.problem = describe(error);
      return false;
    }
  }

  private save(): void {
    const { language, outgoing, rated, read } = this.view;
    this.options.shelf.write({
      id: this.id, token: this.options.client.token, read, language, chosen: this.chosen, draft: this.draftText,
      outgoing, rated, open: this.panelOpen,
    });
  }

  private readonly onOffline = (): void => {
    this.view.online = false;
  };

  private readonly onOnline = (): void => {
    this.view.online = true;
    if (this.view.phase === "failed") void this.start();
    for (const item of this.outbox.items) if (item.status === "failed" && !item.reason) void this.retry(item.clientId);
  };
}
