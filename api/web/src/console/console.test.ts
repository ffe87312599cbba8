import { describe, expect, it } from "vitest";
import { CANNED } from "./canned";
import { Coalesced } from "./coalesce";
import { commandOf } from "./keys";
import { inputValue, label } from "./labels";
import { allowedHash, formatRoute, parseRoute } from "./route";
import { STRINGS, type Key } from "./strings";
import { present, regionOf } from "./suggestions";
import { SEAT } from "./testing";
import type { Entry, Role } from "../shared/types";

const key = (init: KeyboardEventInit): KeyboardEvent => new KeyboardEvent("keydown", init);

describe("keyboard", () => {
  it("takes letters only where nobody types", () => {
    expect(commandOf(key({ key: "j" }), false)).toEqual({ do: "move", by: 1 });
    expect(commandOf(key({ key: "j" }), true)).toBeNull();
    expect(commandOf(key({ key: "?" }), true)).toBeNull();
  });

  it("leaves the browser's own combinations alone", () => {
    expect(commandOf(key({ key: "r", ctrlKey: true }), false)).toBeNull();
    expect(commandOf(key({ key: "c", metaKey: true }), false)).toBeNull();
  });

  it("reaches tabs and the way out from a field too", () => {
    expect(commandOf(key({ key: "2", code: "Digit2", altKey: true }), true)).toEqual({ do: "tab", at: 1 });
    expect(commandOf(key({ key: "Escape" }), true)).toEqual({ do: "back" });
    expect(commandOf(key({ key: "Escape", isComposing: true }), true)).toBeNull();
  });
});

it("reads back every route that it writes", () => {
  for (const route of [{ ticket: null, side: false }, { ticket: "a-1", side: false }, { ticket: "a-1", side: true }]) {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  }
  expect(parseRoute("#/t/<img>")).toEqual({ ticket: null, side: false });
});

it("lets nobody stand at a page that their roles do not open", () => {
  const at = (roles: Role[], hash: string): string => allowedHash({ ...SEAT, roles }, hash);
  expect(at(["seat"], "#/k/entries")).toBe("#/");
  expect(at(["seat"], "#/lead")).toBe("#/");
  expect(at(["supervisor"], "#/k/questions")).toBe("#/k/questions");
  expect(at(["editor"], "#/")).toBe("#/k/entries");
  expect(at(["administrator"], "#/accounts")).toBe("#/accounts");
  expect(at(["editor"], "#/accounts")).toBe("#/k/entries");
});

describe("words", () => {
  it("have the same places for values in both languages", () => {
    const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();
    for (const name of Object.keys(STRINGS.zh) as Key[]) {
      expect([name, places(STRINGS.en[name])]).toEqual([name, places(STRINGS.zh[name])]);
    }
  });

  it("show an unknown code as it is", () => {
    expect(label("why", "something_new", "zh")).toBe("something_new");
    expect(inputValue("origin", "overseas", "zh")).toBe("境外（含港澳台）");
    expect(inputValue("port", null, "zh")).toBeNull();
  });

  it("fit every ready reply into a message, in three languages", () => {
    for (const item of CANNED) {
      for (const text of Object.values(item.text)) expect(text.trim().length).toBeGreaterThan(5);
      expect(new Set(Object.values(item.text)).size).toBe(3);
    }
  });
});

describe("suggestions", () => {
  const entry = {
    id: "e", version: 3, questions: { zh: ["问"], yue: [], en: ["Q"] }, answer: { zh: "答", yue: "", en: "A" },
    sources: [{ title: { zh: "法", en: "Law" }, url: null, date: null }], general: true,
  } as unknown as Entry;

  it("insert the visitor's language, and say so where Chinese stands in", () => {
    expect(present(entry, 0.5, "en")).toMatchObject({ answer: "A", language: "en", sources: [{ title: "Law" }] });
    expect(present(entry, 0.5, "yue")).toMatchObject({ answer: "答", language: "zh", question: "问" });
  });

  it("search in a division, not at a port", () => {
    expect(regionOf({ code: "440300" })).toBe("440300");
    expect(regionOf({ code: "port-luohu" })).toBeNull();
    expect(regionOf(null)).toBeNull();
  });
});

it("runs again, once, what was asked for while it ran", async () => {
  const once = new Coalesced();
  let runs = 0;
  const work = async (): Promise<void> => {
    runs += 1;
    await Promise.resolve();
  };
  await Promise.all([once.run("a", work), once.run("a", work), once.run("a", work)]);
  expect(runs).toBe(2);
});
