import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Desk, type DeskEvents } from "./desk";
import { Memory } from "./memory";
import { FakeSocket, SEAT, fakeClient, fakeSocket, message, settle, ticket, type Answers } from "./testing";
import type { Case } from "./types";

const WAITING = "GET /v1/tickets?status=waiting&status=active&status=answered&limit=200";
const INVITED = "GET /v1/tickets?status=waiting&status=active&status=answered&mine=true&limit=100";
const RESOLVED = "GET /v1/tickets?status=resolved&status=followed_up&status=closed&mine=true&limit=100";
const mineNow = { status: "active" as const, seat: { id: "me", name: "李敏" }, claimed_at: "2026-11-23T03:00:00Z" };

function gateway(open: Case[], single: Record<string, Case> = {}): Answers {
  const answers: Answers = {
    "POST /v1/seats/login": () => ({ body: { token: "secret", expires_at: "", seat: SEAT } }),
    [WAITING]: () => ({ body: { tickets: open } }),
    [INVITED]: () => ({ body: { tickets: [] } }),
    [RESOLVED]: () => ({ body: { tickets: [] } }),
  };
  for (const [id, found] of Object.entries(single)) answers[`GET /v1/tickets/${id}`] = () => ({ body: found });
  return answers;
}

async function atDesk(answers: Answers, events: DeskEvents = {}) {
  const made = fakeClient(answers);
  const desk = new Desk(new Memory(sessionStorage), made.client, events, fakeSocket);
  await desk.login("li", "pw");
  FakeSocket.last.onopen?.();
  FakeSocket.last.push({ type: "ready" });
  await settle();
  return { desk, ...made };
}

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
});
afterEach(() => vi.useRealTimers());

it("asks for no cases where the roles open none", async () => {
  const editor = { ...SEAT, roles: ["editor" as const] };
  const made = fakeClient({ "POST /v1/seats/login": () => ({ body: { token: "secret", expires_at: "", seat: editor } }) });
  const desk = new Desk(new Memory(sessionStorage), made.client, {}, fakeSocket);
  await desk.login("li", "pw");
  await settle();
  expect(made.calls).toEqual(["POST /v1/seats/login"]);
});

describe("live", () => {
  it("sends the token as the first frame and reads the lists and one's own stories", async () => {
    const own = ticket("a", mineNow);
    const { desk } = await atDesk(gateway([own], { a: { ...own, messages: [message(1)] } }));
    expect(FakeSocket.last.sent[0]).toBe(JSON.stringify({ type: "auth", token: "secret" }));
    expect(desk.state.stories["a"]).toHaveLength(1);
    expect(desk.unread("a")).toBe(1);
  });

  it("calls for a new ticket once, and not for those that were there", async () => {
    const newTicket = vi.fn();
    const { desk } = await atDesk(gateway([ticket("old")]), { newTicket });
    FakeSocket.last.push({ type: "ticket", ticket: ticket("new") });
    FakeSocket.last.push({ type: "ticket", ticket: ticket("new", { position: 2 }) });
    expect(newTicket).toHaveBeenCalledTimes(1);
    expect(desk.state.tickets["new"]?.position).toBe(2);
  });

  it("reads the story again when a message was missed", async () => {
    const own = ticket("a", mineNow);
    const whole = { ...own, messages: [message(1)] };
    const answers = gateway([own], { a: whole });
    const { desk } = await atDesk(answers);
    whole.messages = [message(1), message(2), message(3)];
    FakeSocket.last.push({ type: "message", ticket_id: "a", message: message(3) });
    await settle();
    expect(desk.state.stories["a"]?.map((one) => one.seq)).toEqual([1, 2, 3]);
  });

  it("catches up after a broken connection", async () => {
    const open = [ticket("a", mineNow)];
    const newTicket = vi.fn();
    const { desk } = await atDesk(gateway(open, { a: { ...open[0]!, messages: [message(1)] } }), { newTicket });
    FakeSocket.last.onclose?.({ code: 1006 });
    expect(desk.state.link).toBe("waiting");
    open.push(ticket("meanwhile"));
    await vi.advanceTimersByTimeAsync(2_000);
    FakeSocket.last.push({ type: "ready" });
    await settle();
    expect(desk.state.tickets["meanwhile"]).toBeDefined();
    expect(newTicket).toHaveBeenCalledTimes(1);
  });

  it("believes in typing for a few seconds only", async () => {
    const { desk } = await atDesk(gateway([ticket("a", mineNow)]));
    FakeSocket.last.push({ type: "typing", ticket_id: "a", on: true });
    expect(desk.state.typing["a"]).toBeDefined();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(desk.state.typing["a"]).toBeUndefined();
  });
});

describe("claiming", () => {
  it("tells who was faster", async () => {
    const answers = gateway([ticket("a")]);
    answers["POST /v1/tickets/a/claim"] = () => ({ status: 409, body: { status: 409, title: "", detail: "taken" } });
    answers["GET /v1/tickets/a"] = () => ({ body: ticket("a", { status: "active", seat: { id: "s2", name: "王芳" } }) });
    const { desk } = await atDesk(answers);
    const ended = await desk.claim("a");
    expect(ended).toMatchObject({ result: "taken", ticket: { seat: { name: "王芳" } } });
  });

  it("takes a ticket that went to another unit from the list", async () => {
    const gone = vi.fn();
    const { desk } = await atDesk(gateway([ticket("a")]), { gone });
    expect(await desk.claim("a")).toEqual({ result: "gone" });
    expect(desk.state.tickets["a"]).toBeUndefined();
    expect(gone).toHaveBeenCalledWith("a", "12367-20261123-a");
  });
});

describe("sending", () => {
  it("keeps a failed message and sends it again under the same key", async () => {
    const own = ticket("a", mineNow);
    const answers = gateway([own], { a: { ...own, messages: [message(1)] } });
    answers["POST /v1/tickets/a/messages"] = () => "offline";
    const { desk, bodies } = await atDesk(answers);
    await desk.outbox.add("a", "您好");
    const item = desk.state.outgoing[0]!;
    expect(item.status).toBe("failed");
    answers["POST /v1/tickets/a/messages"] = () => ({ status: 201, body: message(2, "seat", "您好") });
    await desk.outbox.retry(item.clientId);
    expect(desk.state.outgoing).toEqual([]);
    expect(desk.state.stories["a"]?.at(-1)?.text).toBe("您好");
    const keys = bodies.filter((body) => (body as { client_id?: string })?.client_id).map((body) => (body as { client_id: string }).client_id);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it("drops a failed message that had arrived after all", async () => {
    const own = ticket("a", mineNow);
    const whole = { ...own, messages: [message(1)] };
    const answers = gateway([own], { a: whole });
    answers["POST /v1/tickets/a/messages"] = () => {
      whole.messages = [message(1), { ...message(2, "seat", "您好"), created_at: new Date().toISOString() }];
      return "offline";
    };
    const { desk } = await atDesk(answers);
    await desk.outbox.add("a", "您好");
    await settle();
    expect(desk.state.outgoing).toEqual([]);
    expect(desk.state.stories["a"]).toHaveLength(2);
  });
});

describe("the end of a session", () => {
  it("keeps drafts and unsent words for the same seat's return", async () => {
    const own = ticket("a", mineNow);
    const answers = gateway([own], { a: { ...own, messages: [] } });
    answers["POST /v1/tickets/a/messages"] = () => ({ status: 401, body: { status: 401, title: "", detail: "ended" } });
    const { desk } = await atDesk(answers);
    desk.memory.keepDraft("a", "half a sentence");
    await desk.outbox.add("a", "whole sentence");
    expect(desk.state.seat).toBeNull();
    expect(desk.state.expired).toBe(true);
    await desk.login("li", "pw");
    expect(desk.memory.draft("a")).toBe("half a sentence");
    expect(desk.state.outgoing).toMatchObject([{ text: "whole sentence", status: "failed" }]);
  });

  it("is told by the stream too", async () => {
    const { desk } = await atDesk(gateway([]));
    FakeSocket.last.onclose?.({ code: 4401 });
    expect(desk.state.expired).toBe(true);
    expect(desk.memory.get("token")).toBeNull();
  });

  it("leaves nothing behind for another seat", async () => {
    const { desk } = await atDesk(gateway([]));
    desk.memory.keepDraft("a", "mine");
    desk.memory.admit({ ...SEAT, id: "other" }, "token");
    expect(desk.memory.draft("a")).toBe("");
  });
});
