import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { insertAt, isSendKey, length, TypingSignal } from "./reply";

const key = (init: KeyboardEventInit): KeyboardEvent => new KeyboardEvent("keydown", { key: "Enter", ...init });

describe("isSendKey", () => {
  it("sends on Enter and Ctrl+Enter, not on Shift+Enter", () => {
    expect(isSendKey(key({}))).toBe(true);
    expect(isSendKey(key({ ctrlKey: true }))).toBe(true);
    expect(isSendKey(key({ shiftKey: true }))).toBe(false);
    expect(isSendKey(key({ key: "a" }))).toBe(false);
  });

  it("leaves the Enter of an input method alone, however the browser reports it", () => {
    expect(isSendKey({ key: "Enter", isComposing: true, keyCode: 13 } as KeyboardEvent)).toBe(false);
    expect(isSendKey({ key: "Enter", isComposing: false, keyCode: 229 } as KeyboardEvent)).toBe(false);
  });
});

describe("insertAt", () => {
  it("replaces the selection and stands on a line of its own", () => {
    expect(insertAt("ab", "X", [1, 1])).toEqual({ text: "a\nX\nb", cursor: 3 });
    expect(insertAt("", "X")).toEqual({ text: "X", cursor: 1 });
    expect(insertAt("old", "X", [0, 3])).toEqual({ text: "X", cursor: 1 });
  });
});

it("counts characters as the gateway does", () => {
  expect(length(" 护照😀 ")).toBe(3);
});

describe("TypingSignal", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells once, repeats while typing goes on, and ends after a pause", () => {
    const told: boolean[] = [];
    const signal = new TypingSignal((on) => told.push(on));
    signal.typed();
    signal.typed();
    expect(told).toEqual([true]);
    vi.advanceTimersByTime(3_500);
    signal.typed();
    expect(told).toEqual([true, true]);
    vi.advanceTimersByTime(4_000);
    expect(told).toEqual([true, true, false]);
    signal.stop();
    expect(told).toHaveLength(3);
  });
});
