/** Messages on their way to the gateway: each stays until it is confirmed, under one key however often it is sent. */
import { newClientId } from "../shared/api";
import type { Message } from "../shared/types";
import type { Outgoing } from "./storage";

export class Outbox {
  /** @param state holds the list where the interface watches it; @param changed is told after every change. */
  constructor(private readonly state: { outgoing: Outgoing[] }, private readonly changed: () => void) {}

  get items(): Outgoing[] {
    return this.state.outgoing;
  }

  /** Puts a new message at the end; the key it is given never changes. */
  add(text: string, label: string): string {
    const clientId = newClientId();
    this.items.push({ clientId, text, label, at: new Date().toISOString(), status: "sending", reason: "" });
    this.changed();
    return clientId;
  }

  find(clientId: string): Outgoing | undefined {
    return this.items.find((item) => item.clientId === clientId);
  }

  /** Sets a failed message on its way again; false when there is nothing to repeat. */
  revive(clientId: string): boolean {
    const item = this.find(clientId);
    if (item?.status !== "failed") return false;
    Object.assign(item, { status: "sending", reason: "" });
    this.changed();
    return true;
  }

  fail(clientId: string, reason: string): void {
    const item = this.find(clientId);
    if (item) Object.assign(item, { status: "failed", reason });
    this.changed();
  }

  settle(clientId: string): void {
    this.state.outgoing = this.items.filter((item) => item.clientId !== clientId);
    this.changed();
  }

  /**
   * A message of the visitor's own came by the stream or by catching up. It does not carry its key, and numbers in it
   * may be masked; so it is the one that reads the same, else the oldest still on its way, else the oldest that nobody
   * seemed to take.
   */
  confirm(message: Message): void {
    const item =
      this.items.find((one) => one.label === message.text) ??
      this.items.find((one) => one.status === "sending") ??
      this.items.find((one) => !one.reason);
    if (item) this.settle(item.clientId);
  }
}
