import { describe, expect, it } from "vitest";
import { lastQuestion, logLines, merge, mine, placeOf, resolvedToday, unread, visitorLanguage, waitingLine } from "./story";
import { message, ticket } from "./testing";

describe("merge", () => {
  it("orders by sequence number and shows each message once, the newer copy", () => {
    const old = message(2, "user", "old copy");
    const fresh = message(2, "user", "new copy");
    const all = merge([message(1), old], [message(3), fresh]);
    expect(all.map((one) => one.seq)).toEqual([1, 2, 3]);
    expect(all[1]?.text).toBe("new copy");
  });
});

describe("unread", () => {
  const story = [message(1, "user"), message(2, "bot"), message(3, "user"), message(4, "user")];

  it("counts the visitor's messages after the one read", () => {
    expect(unread(story, 1)).toBe(2);
    expect(unread(story, 4)).toBe(0);
  });

  it("takes what a seat has answered for read", () => {
    expect(unread([...story, message(5, "seat"), message(6, "user")], 0)).toBe(1);
  });
});

describe("lists", () => {
  it("keeps the waiting line in the gateway's order, and numbers one's own unit's", () => {
    const late = ticket("late", { opened_at: "2026-11-23T02:00:00Z" });
    const early = ticket("early", { position: 7, opened_at: "2026-11-23T01:00:00Z" });
    const urgent = ticket("urgent", { urgent: true, opened_at: "2026-11-23T03:00:00Z" });
    const elsewhere = ticket("far", { position: 4, unit: { id: "masc", name: "服务中心" } });
    const cases = [late, elsewhere, early, urgent, ticket("x", { status: "active" })];
    expect(waitingLine(cases).map((one) => one.id)).toEqual(["urgent", "early", "late", "far"]);
    expect(cases.map((one) => placeOf(one, cases, "psb-440300"))).toEqual([3, 4, 2, 1, 1]);
  });

  it("shows only my own open conversations, in the order in which I took them", () => {
    const seat = { id: "me", name: "我" };
    const cases = [
      ticket("b", { status: "active", seat, claimed_at: "2026-11-23T02:00:00Z" }),
      ticket("a", { status: "active", seat, claimed_at: "2026-11-23T01:00:00Z" }),
      ticket("c", { status: "active", seat: { id: "other", name: "她" } }),
    ];
    expect(mine(cases, "me").map((one) => one.id)).toEqual(["a", "b"]);
  });

  it("forgets at midnight what was resolved", () => {
    const seat = { id: "me", name: "我" };
    const now = new Date(2026, 10, 23, 0, 30);
    const before = ticket("before", { status: "resolved", seat, resolved_at: new Date(2026, 10, 22, 23, 50).toISOString() });
    const after = ticket("after", { status: "resolved", seat, resolved_at: new Date(2026, 10, 23, 0, 10).toISOString() });
    expect(resolvedToday([before, after], "me", now).map((one) => one.id)).toEqual(["after"]);
  });
});

describe("lastQuestion", () => {
  it("passes over the wish for a human", () => {
    const story = [
      message(1, "user", "护照丢了怎么办"), message(2, "bot"), message(3, "user", "转人工"),
      { ...message(4, "bot"), kind: "handoff" as const },
    ];
    expect(lastQuestion(story)?.text).toBe("护照丢了怎么办");
  });

  it("takes what was said to the seat, which the bot does not answer", () => {
    const handed = { ...message(2, "bot"), kind: "handoff" as const };
    const story = [message(1, "user", "转人工"), handed, message(3, "seat"), message(4, "user", "要多少钱")];
    expect(lastQuestion(story)?.text).toBe("要多少钱");
  });

  it("finds nothing where only a human was asked for", () => {
    expect(lastQuestion([message(1, "user", "人工"), { ...message(2, "bot"), kind: "handoff" as const }])).toBeNull();
  });
});

it("speaks the language that the visitor writes now, else the ticket's", () => {
  const routed = ticket("t", { language: "yue" });
  expect(visitorLanguage([], routed)).toBe("yue");
  expect(visitorLanguage([{ ...message(1, "user"), language: "en" }, message(2, "bot")], routed)).toBe("en");
});

it("puts a line before each new day and the unsent words at the end", () => {
  const story = [message(1), message(2), { ...message(3), created_at: "2026-11-24T03:00:00Z" }];
  const item = { clientId: "k", ticketId: "t", text: "…", at: "", status: "failed" as const, reason: "" };
  const kinds = logLines(story, [item], (iso) => iso.slice(0, 10)).map((line) => line.type);
  expect(kinds).toEqual(["day", "message", "message", "day", "message", "outgoing"]);
});
