import { afterEach, describe, expect, it } from "vitest";
import { createApp, nextTick, type App } from "vue";
import type { Message } from "../shared/types";
import { CONSULT, type Consult } from "./context";
import type { Conversation } from "./conversation";
import MessageItem from "./MessageItem.vue";
import { strings, type Key } from "./strings";
import { transcript } from "./transcript";

const t = ((key: Key) => strings.zh[key]) as Consult["t"];
const answer: Message = {
  id: "m", seq: 2, sender: "bot", kind: "answer", text: "可以换发。", more: "费用120元。", language: "zh", sources: [],
  choices: [], created_at: "2026-11-23T03:00:00Z",
};
let app: App | null = null;

function show(message: Message): HTMLElement {
  const place = document.createElement("div");
  const view = { language: "zh", owner: "bot", seatName: null };
  app = createApp(MessageItem, { message });
  app.provide(CONSULT, { conversation: { view } as unknown as Conversation, t, greeting: "" });
  app.mount(place);
  return place;
}

afterEach(() => app?.unmount());

describe("an answer with a second part", () => {
  it("shows the second part only when it is asked for, and folds it again", async () => {
    const place = show(answer);
    const text = (): string => place.querySelector(".text")!.textContent!;
    const button = place.querySelector<HTMLButtonElement>(".fold")!;
    expect(text()).toBe("可以换发。");
    expect(button.textContent!.trim()).toBe(strings.zh.showMore);
    button.click();
    await nextTick();
    expect(text()).toBe("可以换发。\n\n费用120元。");
    expect(button.getAttribute("aria-expanded")).toBe("true");
    button.click();
    await nextTick();
    expect(text()).toBe("可以换发。");
  });

  it("is whole in the transcript", () => {
    expect(transcript([answer], t, "zh", null)).toContain("可以换发。\n\n费用120元。");
  });
});

it("asks for a thumb under an answer, not under a greeting", () => {
  expect(show(answer).querySelectorAll(".thumb")).toHaveLength(2);
  app?.unmount();
  expect(show({ ...answer, kind: "greeting", more: null }).querySelectorAll(".thumb")).toHaveLength(0);
});
