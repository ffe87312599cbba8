import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Alerts } from "./alerts";

const shown: { title: string; body: string; tag: string; onclick?: () => void; close: () => void }[] = [];

class FakeNotification {
  static permission = "default";
  static requestPermission = vi.fn(async () => (FakeNotification.permission = "granted"));
  close = vi.fn();
  onclick?: () => void;
  body: string;
  tag: string;

  constructor(readonly title: string, options: { body: string; tag: string }) {
    [this.body, this.tag] = [options.body, options.tag];
    shown.push(this);
  }
}

const tones: number[] = [];
class FakeAudio {
  state = "running";
  currentTime = 0;
  destination = {};
  resume = async (): Promise<void> => undefined;
  createGain = () => ({ gain: { setValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() }, connect: vi.fn() });
  createOscillator() {
    const tone = { frequency: { value: 0 }, connect: () => ({ connect: vi.fn() }), start: () => void tones.push(tone.frequency.value), stop: vi.fn() };
    return tone;
  }
}

function hide(hidden: boolean): void {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
}

beforeEach(() => {
  localStorage.clear();
  shown.length = tones.length = 0;
  FakeNotification.permission = "default";
  vi.stubGlobal("Notification", FakeNotification);
  vi.stubGlobal("AudioContext", FakeAudio);
});
afterEach(() => {
  vi.unstubAllGlobals();
  hide(false);
});

it("asks for the permission at the seat's own click only, and remembers it", async () => {
  const alerts = new Alerts();
  expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
  await alerts.toggleNotify();
  expect(alerts.notify.value).toBe("on");
  expect(new Alerts().notify.value).toBe("on");
});

it("notifies of a page that nobody looks at, without the visitor's words, and leads to the ticket", async () => {
  const alerts = new Alerts();
  await alerts.toggleNotify();
  const open = vi.fn();
  alerts.call("new-1", "新工单", "12367-20261125-0001", open);
  expect(shown).toHaveLength(0);
  hide(true);
  alerts.call("new-1", "新工单", "12367-20261125-0001", open);
  expect(shown.map(({ title, body, tag }) => [title, body, tag])).toEqual([["新工单", "12367-20261125-0001", "new-1"]]);
  shown[0]!.onclick?.();
  expect(open).toHaveBeenCalledOnce();
});

it("sounds two tones, and none when the seat has switched it off", () => {
  const alerts = new Alerts();
  alerts.call("new-1", "", "", () => undefined);
  expect(tones).toEqual([660, 880]);
  alerts.toggleSound();
  alerts.call("new-2", "", "", () => undefined);
  expect(tones).toHaveLength(2);
  expect(new Alerts().sound.value).toBe(false);
});
