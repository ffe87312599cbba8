import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "../shared/api";
import type { Exchange, Message, Owner } from "../shared/types";
import { Conversation } from "./conversation";
import type { LinkOptions } from "./link";
import { readable } from "./colour";
import { Shelf } from "./storage";

function message(seq: number, sender: Message["sender"], text: string, language: Message["language"] = "zh"): Message {
  const created_at = "2026-11-23T06:00:00Z";
  return { id: `m${seq}`, seq, sender, kind: "text", text, language, sources: [], choices: [], created_at };
}

/** A gateway in memory that keeps the promise of client ids. */
class Gateway {
  log: Message[] = [];
  owner: Owner = "bot";
  results = new Map<string, Exchange>();
  calls: { path: string; body: Record<string, string> }[] = [];
  /** What the next call meets: no answer before it arrives, or after it was done. */
  fault: "before" | "after" | null = null;
  gone = false;
  /** Answers are held back until it resolves. */
  slow: Promise<void> = Promise.resolve();
  language: Message["language"] = "zh";
  refusesFeedback = false;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const path = String(input);
    const body = JSON.parse(String(init?.body ?? "{}")) as Record<string, string>;
    this.calls.push({ path, body });
    const fault = this.fault;
    this.fault = null;
    if (fault === "before") throw new TypeError("Failed to fetch");
    const [status, answer] = this.answer(path, init?.method ?? "GET", body);
    await this.slow;
    if (fault === "after") throw new TypeError("Connection reset");
    return new Response(JSON.stringify(answer), { status, headers: { "Content-Type": "application/json" } });
  };

  add(sender: Message["sender"], text: string): Message {
    const made = message(this.log.length + 1, sender, text, this.language);
    this.log.push(made);
    return made;
  }

  sent(): Record<string, string>[] {
    return this.calls.filter(({ path }) => path.endsWith("/messages")).map(({ body }) => body);
  }

  private answer(path: string, method: string, body: Record<string, string>): [number, unknown] {
    if (path === "/v1/conversations") {
      this.gone = false;
      this.log = [];
      return [201, { id: "c", token: "t", language: "zh", messages: [this.add("bot", "您好")] }];
    }
    if (this.gone) return [404, { type: "x", title: "Not Found", status: 404, detail: "gone" }];
    if (method === "GET") {
      const after = Number(new URL(path, "http://x").searchParams.get("after"));
      return [200, { messages: this.log.filter((one) => one.seq > after), owner: this.owner, queue: null, seat: null }];
    }
    if (path.endsWith("/feedback")) return [this.refusesFeedback ? 503 : 200, {}];
    if (path.endsWith("/messages")) return this.take(body["client_id"]!, body["text"]!);
    return [200, { id: "c", language: "zh", region: null, origin: null, owner: this.owner }];
  }

  private take(key: string, text: string): [number, unknown] {
    if (text === "refuse") return [422, { type: "x", title: "Unprocessable", status: 422, detail: "not this" }];
    if (!this.results.has(key)) {
      const mine = this.add("user", text);
      const replies = [this.add("bot", `re: ${text}`)];
      this.results.set(key, { message: mine, replies, owner: this.owner, pending: false });
    }
    return [200, this.results.get(key)];
  }
}

let gateway: Gateway;
let links: LinkOptions[];
let open: Conversation[];

function visit(language: "zh" | "en" = "zh"): Conversation {
  const made = new Conversation({
    client: new Client({ fetch: gateway.fetch }),
    shelf: new Shelf("test", sessionStorage),
    language,
    openLink: (options) => {
      links.push(options);
      return { start: () => options.onState("open"), stop: () => undefined, send: () => true };
    },
  });
  open.push(made);
  return made;
}

const texts = (conversation: Conversation): string[] => conversation.view.messages.map((one) => one.text);

beforeEach(() => {
  sessionStorage.clear();
  gateway = new Gateway();
  links = [];
  open = [];
});
afterEach(() => open.forEach((one) => one.dispose()));

describe("Conversation", () => {
  it("shows every message once, in order, however it arrives", async () => {
    const talk = visit();
    await talk.start();
    await talk.send("一");
    for (const one of [...gateway.log].reverse()) links[0]!.onFrame({ type: "message", message: one });
    await talk.send("二");
    expect(texts(talk)).toEqual(["您好", "一", "re: 一", "二", "re: 二"]);
    expect(talk.view.outgoing).toEqual([]);
  });

  it("keeps a thumb that was stored, and takes back one that was not", async () => {
    const talk = visit();
    await talk.start();
    await talk.send("一");
    const answer = (): Message => talk.view.messages.at(-1)!;
    expect(await talk.judge(answer().id, false, "缺了费用")).toBe(true);
    expect(gateway.calls.at(-1)).toEqual({
      path: `/v1/conversations/c/messages/${answer().id}/feedback`, body: { helpful: false, comment: "缺了费用" },
    });
    gateway.refusesFeedback = true;
    expect(await talk.judge(answer().id, true, "")).toBe(false);
    expect(answer().helpful).toBe(false);
  });

  it("sends in the order of writing, one at a time", async () => {
    const talk = visit();
    await Promise.all(["一", "二", "三"].map((text) => talk.send(text)));
    expect(gateway.sent().map((body) => body["text"])).toEqual(["一", "二", "三"]);
  });

  it.each(["before", "after"] as const)("repeats a failed message under its first key (%s it arrived)", async (fault) => {
    const talk = visit();
    await talk.start();
    gateway.fault = fault;
    await talk.send("签证");
    expect(talk.view.outgoing).toMatchObject([{ text: "签证", status: "failed" }]);
    await talk.retry(talk.view.outgoing[0]!.clientId);
    const [first, second] = gateway.sent();
    expect(second!["client_id"]).toBe(first!["client_id"]);
    expect(texts(talk)).toEqual(["您好", "签证", "re: 签证"]);
    expect(talk.view.outgoing).toEqual([]);
  });

  it("sends again by itself when the network is back, but not what the gateway refused", async () => {
    const talk = visit();
    await talk.start();
    await talk.send("refuse");
    gateway.fault = "before";
    await talk.send("签证");
    window.dispatchEvent(new Event("online"));
    await vi.waitFor(() => expect(texts(talk)).toContain("re: 签证"));
    expect(talk.view.outgoing).toMatchObject([{ text: "refuse", status: "failed", reason: "not this" }]);
  });

  it.each([false, true])("confirms a masked message by the stream (call already failed: %s)", async (failed) => {
    const talk = visit();
    await talk.start();
    let release = (): void => undefined;
    gateway.slow = new Promise((resolve) => (release = resolve));
    gateway.fault = "after";
    const sending = talk.send("我的护照是E12345678");
    await vi.waitFor(() => expect(gateway.log).toHaveLength(3));
    if (failed) {
      release();
      await sending;
      expect(talk.view.outgoing).toMatchObject([{ status: "failed" }]);
    }
    links[0]!.onFrame({ type: "message", message: { ...gateway.log[1]!, text: "我的护照是[证件号]" } });
    expect(talk.view).toMatchObject({ outgoing: [], awaiting: !failed });
    release();
    await sending;
    expect(talk.view.awaiting).toBe(false);
    expect(texts(talk)).toEqual(["您好", "我的护照是[证件号]"]);
  });

  it("fetches what is missing when a number is skipped", async () => {
    const talk = visit();
    await talk.start();
    gateway.add("seat", "二");
    gateway.add("seat", "三");
    links[0]!.onFrame({ type: "message", message: gateway.log[2]! });
    await vi.waitFor(() => expect(texts(talk)).toEqual(["您好", "二", "三"]));
  });

  it("comes back after a reload with its messages, its draft and what was still on its way", async () => {
    const before = visit();
    await before.start();
    await before.send("一");
    before.draft = "半句";
    gateway.fault = "after";
    void before.send("二");
    before.dispose();
    const stored = JSON.parse(sessionStorage.getItem("test")!) as { outgoing: { status: string }[] };
    expect(stored.outgoing).toMatchObject([{ status: "sending" }]);
    await vi.waitFor(() => expect(gateway.log).toHaveLength(5));
    sessionStorage.setItem("test", JSON.stringify(stored));
    const after = visit();
    await after.start();
    expect(after.draft).toBe("半句");
    await vi.waitFor(() => expect(after.view.outgoing).toEqual([]));
    expect(texts(after)).toEqual(["您好", "一", "re: 一", "二", "re: 二"]);
    expect(gateway.calls.filter(({ path }) => path === "/v1/conversations")).toHaveLength(1);
  });

  it("begins a new conversation when the old one is gone, and loses no words", async () => {
    const talk = visit();
    await talk.start();
    gateway.gone = true;
    await talk.send("还在吗");
    expect(texts(talk)).toEqual(["您好", "还在吗", "re: 还在吗"]);
  });

  it("asks for the greeting anew when the language is changed before the first word, and only then", async () => {
    const talk = visit();
    await talk.start();
    await talk.changeLanguage("en");
    const begun = (): Record<string, string>[] =>
      gateway.calls.filter(({ path }) => path === "/v1/conversations").map(({ body }) => body);
    expect(begun().map((body) => body["language"])).toEqual(["zh", "en"]);
    await talk.send("visa");
    await talk.changeLanguage("yue");
    expect(begun()).toHaveLength(2);
    expect(gateway.calls.at(-1)).toMatchObject({ path: "/v1/conversations/c", body: { language: "yue" } });
  });

  it("follows the language of the first answer, unless one was chosen by hand", async () => {
    const talk = visit();
    await talk.start();
    gateway.language = "en";
    await talk.send("How do I extend my visa?");
    expect(talk.view.language).toBe("en");
    await talk.changeLanguage("yue");
    await talk.send("and then?");
    expect(talk.view.language).toBe("yue");
  });

  it("says what failed when no conversation can be begun, and can try again", async () => {
    const talk = visit();
    gateway.fault = "before";
    await talk.start();
    expect(talk.view).toMatchObject({ phase: "failed", problem: "" });
    await talk.start();
    expect(talk.view.phase).toBe("ready");
  });
});

describe("Shelf", () => {
  it("lives with damaged and forbidden storage", () => {
    sessionStorage.setItem("bad", "{");
    expect(new Shelf("bad", sessionStorage).read()).toMatchObject({ id: null, outgoing: [] });
    expect(new Shelf("none", null).read()).toMatchObject({ id: null });
  });
});

describe("readable", () => {
  it("takes a site's colour only where white text can be read on it", () => {
    expect(readable("#1f5fa8")).toBe(true);
    for (const colour of ["#ffcc00", "#9ecbff", "red", "#fff", ""]) expect(readable(colour)).toBe(false);
  });
});
