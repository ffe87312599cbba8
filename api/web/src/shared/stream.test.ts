import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ResumingStream, socketUrl, type StreamState } from "./stream";

class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  lose(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

type Frame = { type: string; seq?: number };

function setUp(): { stream: ResumingStream<Frame>; frames: Frame[]; states: [StreamState, number?][]; seq: { now: number } } {
  const frames: Frame[] = [];
  const states: [StreamState, number?][] = [];
  const seq = { now: 3 };
  const stream = new ResumingStream<Frame>({
    url: () => `ws://gateway/stream?after=${seq.now}`,
    token: () => "secret",
    onFrame: (frame) => frames.push(frame),
    onState: (state, code) => states.push([state, code]),
    random: () => 1,
    firstDelay: 100,
    longestDelay: 1000,
    pingEvery: 5000,
    socket: (url) => new FakeSocket(url) as unknown as WebSocket,
  });
  return { stream, frames, states, seq };
}

const last = (): FakeSocket => FakeSocket.made.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
});
afterEach(() => vi.useRealTimers());

describe("ResumingStream", () => {
  it("sends the token in the first frame and never in the address", () => {
    const { stream } = setUp();
    stream.start();
    last().open();
    expect(last().sent).toEqual([{ type: "auth", token: "secret" }]);
    expect(last().url).not.toContain("secret");
    stream.stop();
  });

  it("comes back with the sequence number it has reached by then", () => {
    const { stream, states, seq } = setUp();
    stream.start();
    last().open();
    last().say({ type: "ready" });
    seq.now = 9;
    last().lose(1006);
    vi.advanceTimersByTime(100);
    expect(FakeSocket.made).toHaveLength(2);
    expect(last().url).toBe("ws://gateway/stream?after=9");
    expect(states.map(([state]) => state)).toEqual(["connecting", "open", "waiting"]);
    stream.stop();
  });

  it("waits twice as long after every failure, up to the longest delay, and starts small after a success", () => {
    const { stream } = setUp();
    stream.start();
    for (const delay of [100, 200, 400, 800, 1000, 1000]) {
      const before = FakeSocket.made.length;
      last().lose(1006);
      vi.advanceTimersByTime(delay - 1);
      expect(FakeSocket.made).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.made).toHaveLength(before + 1);
    }
    last().open();
    last().say({ type: "ready" });
    last().lose(1013);
    vi.advanceTimersByTime(100);
    expect(FakeSocket.made).toHaveLength(8);
    stream.stop();
  });

  it.each([4401, 4404])("gives up for good when refused with %i", (code) => {
    const { stream, states } = setUp();
    stream.start();
    last().lose(code);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(1);
    expect(states.at(-1)).toEqual(["refused", code]);
  });

  it("replaces a connection that answers no ping", () => {
    const { stream } = setUp();
    stream.start();
    last().open();
    last().say({ type: "ready" });
    vi.advanceTimersByTime(5000);
    expect(last().sent).toContainEqual({ type: "ping" });
    last().say({ type: "pong" });
    vi.advanceTimersByTime(5000);
    expect(FakeSocket.made).toHaveLength(1);
    vi.advanceTimersByTime(5000 + 100);
    expect(FakeSocket.made).toHaveLength(2);
    stream.stop();
  });

  it("passes frames on, keeps pongs to itself and ignores what is no frame", () => {
    const { stream, frames } = setUp();
    stream.start();
    last().open();
    for (const frame of [{ type: "ready" }, { type: "pong" }, "not json", "null", "7", { type: "message", seq: 4 }]) {
      last().say(frame);
    }
    expect(frames).toEqual([{ type: "ready" }, { type: "message", seq: 4 }]);
    stream.stop();
  });

  it("sends only while open, and nothing reconnects after stop", () => {
    const { stream } = setUp();
    stream.start();
    expect(stream.send({ type: "typing" })).toBe(false);
    last().open();
    last().say({ type: "ready" });
    expect(stream.send({ type: "typing" })).toBe(true);
    stream.stop();
    vi.advanceTimersByTime(60_000);
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.made).toHaveLength(1);
  });

  it("tries at once when the network comes back", () => {
    const { stream } = setUp();
    stream.start();
    last().lose(1006);
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.made).toHaveLength(2);
    stream.stop();
  });
});

describe("socketUrl", () => {
  it("follows the scheme of the gateway", () => {
    expect(socketUrl("https://a.example", "/v1/x")).toBe("wss://a.example/v1/x");
    expect(socketUrl("http://a.example:8000/", "/v1/x")).toBe("ws://a.example:8000/v1/x");
  });
});
