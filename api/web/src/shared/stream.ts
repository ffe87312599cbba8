/**
 * A WebSocket that comes back. The token travels in the first frame, never in the address; what was missed is
 * asked for by sequence number; a silent connection is noticed by ping and replaced.
 */

/** `connecting` until the first success, `open` while frames flow, `waiting` between attempts, `refused` for good. */
export type StreamState = "connecting" | "open" | "waiting" | "refused" | "closed";

export interface StreamOptions<Frame> {
  /** The address without token; asked anew for every attempt, so it can carry the last sequence number. */
  url: () => string;
  token: () => string;
  onFrame: (frame: Frame) => void;
  onState?: (state: StreamState, closeCode?: number) => void;
  /** Milliseconds; the defaults are for people, tests shorten them. */
  firstDelay?: number;
  longestDelay?: number;
  pingEvery?: number;
  /** 0..1, spreads the return of many clients after a restart. */
  random?: () => number;
  socket?: (url: string) => WebSocket;
}

/** Codes after which trying again with the same token cannot help. */
const REFUSALS = new Set([4401, 4403, 4404]);

/** Turns an http(s) base (or the page's own origin when empty) into the socket's address. */
export function socketUrl(base: string, path: string): string {
  return (base || globalThis.location.origin).replace(/^http/, "ws").replace(/\/+$/, "") + path;
}

export class ResumingStream<Frame extends { type: string }> {
  state: StreamState = "closed";
  private socket: WebSocket | null = null;
  private attempt = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private heard = false;

  constructor(private readonly options: StreamOptions<Frame>) {}

  /** Connects, and stays connected until `stop`. Calling it again does nothing. */
  start(): void {
    if (this.state !== "closed" && this.state !== "refused") return;
    globalThis.addEventListener?.("online", this.hurry);
    globalThis.document?.addEventListener("visibilitychange", this.hurry);
    this.attempt = 0;
    this.connect();
  }

  /** Ends the connection for good. */
  stop(): void {
    this.release();
    this.drop();
    this.become("closed");
  }

  /** Sends a frame if the connection is open; frames that matter go by REST, so nothing is kept for later. */
  send(frame: { type: string; [key: string]: unknown }): boolean {
    if (this.state !== "open" || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The network or the page came back: a waiting attempt is made at once. */
  private readonly hurry = (): void => {
    if (this.state !== "waiting" || globalThis.document?.visibilityState === "hidden") return;
    this.connect();
  };

  private connect(): void {
    this.drop();
    if (this.state !== "waiting") this.become("connecting");
    const make = this.options.socket ?? ((url: string) => new WebSocket(url));
    const socket = make(this.options.url());
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token: this.options.token() }));
    socket.onmessage = (event) => this.receive(event);
    socket.onclose = (event) => this.lost(event.code);
  }

  private receive(event: MessageEvent): void {
    this.heard = true;
    const frame = parseFrame<Frame>(event.data);
    if (!frame) return;
    if (frame.type === "ready") {
      this.attempt = 0;
      this.keepAlive();
      this.become("open");
    }
    if (frame.type !== "pong") this.options.onFrame(frame);
  }

  private lost(code: number): void {
    this.drop();
    if (REFUSALS.has(code)) {
      this.release();
      return this.become("refused", code);
    }
    const first = this.options.firstDelay ?? 500;
    const longest = this.options.longestDelay ?? 30_000;
    const wait = Math.min(longest, first * 2 ** this.attempt);
    this.attempt += 1;
    const spread = 0.5 + 0.5 * (this.options.random ?? Math.random)();
    this.retryTimer = setTimeout(() => this.connect(), wait * spread);
    this.become("waiting", code);
  }

  /** Sends pings; a whole interval without any frame means that the connection is dead without saying so. */
  private keepAlive(): void {
    this.heard = true;
    clearInterval(this.pingTimer);
    this.pingTimer = setInterval(() => {
      if (!this.heard) return this.lost(1006);
      this.heard = false;
      this.send({ type: "ping" });
    }, this.options.pingEvery ?? 20_000);
  }

  private drop(): void {
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private release(): void {
    globalThis.removeEventListener?.("online", this.hurry);
    globalThis.document?.removeEventListener("visibilitychange", this.hurry);
  }

  private become(state: StreamState, code?: number): void {
    if (state === this.state && state !== "waiting") return;
    this.state = state;
    this.options.onState?.(state, code);
  }
}

function parseFrame<Frame extends { type: string }>(data: unknown): Frame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    const typed = typeof frame === "object" && frame !== null && "type" in frame;
    return typed ? (frame as Frame) : null;
  } catch {
    return null;
  }
}
