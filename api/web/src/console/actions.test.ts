import { expect, it } from "vitest";
import { actionOf, allowed, bodyOf } from "./actions";
import { formatRoute, parseRoute } from "./route";
import { isMine } from "./story";
import { SEAT, ticket } from "./testing";

const ME = { id: "me", name: "李敏" };
const BOSS = { ...SEAT, id: "boss", roles: ["supervisor" as const] };

it("offers the holder what a talk needs, and nobody else", () => {
  const mine = ticket("a", { status: "answered", seat: ME });
  expect(allowed(mine, SEAT)).toEqual(["transfer", "invite", "invite-partner", "notes", "bot", "return", "release", "merge", "confidential", "hand-over"]);
  expect(allowed(mine, { ...SEAT, id: "other" })).toEqual(["notes"]);
  expect(allowed(ticket("b"), SEAT)).toEqual(["notes", "return"]);
});

it("lets supervisors reassign, supervise and extend, and a guest leave", () => {
  const theirs = ticket("a", { status: "active", seat: ME });
  expect(allowed(theirs, BOSS)).toEqual(expect.arrayContaining(["transfer", "assign", "supervise", "extend"]));
  expect(allowed(ticket("a", { ...theirs, extended: true }), BOSS)).not.toContain("extend");
  const guest = { ...SEAT, id: "guest" };
  const three = ticket("a", { ...theirs, guests: [{ id: "guest", name: "王" }] });
  expect(allowed(three, guest)).toEqual(["notes", "leave"]);
  expect(isMine(three, "guest")).toBe(true);
});

it("brings in one partner at a time, and none into a partner's own order", () => {
  const mine = ticket("a", { status: "active", seat: ME });
  expect(allowed(mine, SEAT)).toContain("invite-partner");
  expect(allowed(ticket("a", { ...mine, partner: "12345" }), SEAT)).not.toContain("invite-partner");
  expect(allowed(ticket("a", { ...mine, mode: "order" }), SEAT)).not.toContain("invite-partner");
  expect(allowed(mine, BOSS)).not.toContain("invite-partner");
  expect(bodyOf("invite-partner", { partner: "12345", reason: "问的是社保" }, mine)).toEqual({ partner: "12345", reason: "问的是社保" });
});

it("a done case can only be reopened, an order never goes to the bot", () => {
  expect(allowed(ticket("a", { status: "resolved", seat: ME }), SEAT)).toEqual(["reopen"]);
  const order = ticket("a", { status: "active", seat: ME, mode: "order" });
  expect(allowed(order, SEAT)).not.toEqual(expect.arrayContaining(["bot"]));
});

it("opens by its letter only where it is allowed", () => {
  const mine = ticket("a", { status: "active", seat: ME });
  expect(actionOf("t", mine, SEAT)).toBe("transfer");
  expect(actionOf("b", mine, SEAT)).toBe("bot");
  expect(actionOf("t", ticket("a"), SEAT)).toBeNull();
});

it("sends what was filled in, numbers as numbers, and the flag's other side", () => {
  const one = ticket("a", { confidential: true });
  expect(bodyOf("transfer", { unit: " masc ", reason: "错派", note: " " }, one)).toEqual({ unit: "masc", reason: "错派" });
  expect(bodyOf("extend", { days: "3", reason: "核实" }, one)).toEqual({ days: 3, reason: "核实" });
  expect(bodyOf("confidential", { reason: "已公开" }, one)).toEqual({ reason: "已公开", on: false });
});

it("reads back the pages of supervisors and administrators", () => {
  for (const page of ["lead", "accounts"] as const) {
    expect(parseRoute(formatRoute({ ticket: null, side: false, page }))).toEqual({ ticket: null, side: false, page });
  }
});
