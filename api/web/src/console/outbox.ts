/** A seat's words on their way to the gateway: one after another per ticket, repeated under the same key. */
import { ApiProblem, newClientId } from "../shared/api";
import type { Message } from "../shared/types";
import type { Outgoing } from "./types";

export interface OutboxOptions {
  /** The reactive list that the interface shows, as it is now. */
  items: () => Outgoing[];
  send: (item: Outgoing) => Promise<Message>;
  /** A send has ended: with the stored message, or with null when it failed. */
  settled: (ticketId: string, message: Message | null) => void;
  changed: () => void;
}

export class Outbox {
  private readonly lanes = new Map<string, Promise<void>>();

  constructor(private readonly options: OutboxOptions) {}

  of(ticketId: string): Outgoing[] {
    return this.options.items().filter((item) => item.ticketId === ticketId);
  }

  /** True while the gateway may store a message of which the console does not know the number yet. */
  busy(ticketId: string): boolean {
    return this.of(ticketId).some((item) => item.status === "sending");
  }

  add(ticketId: string, text: string): Promise<void> {
    const item: Outgoing = {
      clientId: newClientId(), ticketId, text, at: new Date().toISOString(), status: "sending", reason: "",
    };
    this.options.items().push(item);
    this.options.changed();
    return this.queue(item.clientId, ticketId);
  }

  retry(clientId: string): Promise<void> {
    const item = this.find(clientId);
    if (item?.status !== "failed") return Promise.resolve();
    Object.assign(item, { status: "sending", reason: "" });
    this.options.changed();
    return this.queue(clientId, item.ticketId);
  }

  /** Takes a message out, to be written anew or dropped; returns its text. */
  take(clientId: string): string {
    const at = this.options.items().findIndex((item) => item.clientId === clientId);
    const [item] = at < 0 ? [] : this.options.items().splice(at, 1);
    this.options.changed();
    return item?.text ?? "";
  }

  /** A send whose answer was lost had arrived after all: its message is in the story that was just read. */
  reconcile(ticketId: string, fresh: readonly Message[]): void {
    for (const message of fresh.filter((one) => one.sender === "seat" && !one.partner)) {
      const item = this.of(ticketId).find((one) => one.status === "failed" && one.text === message.text);
      if (item && Date.parse(message.created_at) >= Date.parse(item.at) - CLOCK_SKEW) this.take(item.clientId);
    }
  }

  private find(clientId: string): Outgoing | undefined {
    return this.options.items().find((item) => item.clientId === clientId);
  }

  private queue(clientId: string, ticketId: string): Promise<void> {
    const before = this.lanes.get(ticketId) ?? Promise.resolve();
    const lane = before.then(() => this.deliver(clientId));
    this.lanes.set(ticketId, lane);
    return lane;
  }

  private async deliver(clientId: string): Promise<void> {
    const item = this.find(clientId);
    if (!item) return;
    try {
      const message = await this.options.send(item);
      this.take(clientId);
      this.options.settled(item.ticketId, message);
    } catch (error) {
      Object.assign(item, { status: "failed", reason: error instanceof ApiProblem ? error.message : "" });
      this.options.changed();
      this.options.settled(item.ticketId, null);
    }
  }
}

/** Milliseconds by which this computer's clock may be ahead of the gateway's. */
const CLOCK_SKEW = 120_000;
