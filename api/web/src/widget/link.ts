/** The live line to the gateway: a stream while it holds, asking every few seconds while it does not. */
import type { Client } from "../shared/api";
import { ResumingStream, socketUrl, type StreamState } from "../shared/stream";
import type { VisitorFrame } from "../shared/types";

/** Milliseconds between looks at the gateway while the stream is down. */
const LOOK_EVERY = 4_000;

export interface LinkOptions {
  client: Client;
  id: string;
  seq: () => number;
  onFrame: (frame: VisitorFrame) => void;
  onState: (state: StreamState) => void;
  /** Asks for what came since; where WebSockets cannot pass (some proxies), messages arrive this way. */
  look: () => Promise<void>;
}

/** What a conversation needs of its line; tests give it another one. */
export interface Link {
  start(): void;
  stop(): void;
  send(frame: { type: string; [key: string]: unknown }): boolean;
}

export function openLink(options: LinkOptions): Link {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stream: ResumingStream<VisitorFrame> = new ResumingStream<VisitorFrame>({
    url: () => socketUrl(options.client.base, `/v1/conversations/${options.id}/stream?after=${options.seq()}`),
    token: () => options.client.token ?? "",
    onFrame: options.onFrame,
    onState: (state) => {
      options.onState(state);
      clearTimeout(timer);
      if (state === "waiting") schedule();
      if (state === "refused") void options.look();
    },
  });
  function schedule(): void {
    timer = setTimeout(() => {
      void options.look().then(() => {
        if (stream.state !== "open" && stream.state !== "closed") schedule();
      });
    }, LOOK_EVERY);
  }
  return {
    start: () => stream.start(),
    stop: () => {
      clearTimeout(timer);
      stream.stop();
    },
    send: (frame) => stream.send(frame),
  };
}
