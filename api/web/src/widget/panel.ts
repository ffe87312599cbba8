/** Everything behind the button: loaded when the visitor opens it, or comes back to a conversation. */
import { createApp } from "vue";
import { Client, type Beginning } from "../shared/api";
import type { Language } from "../shared/types";
import { askedFor } from "./address";
import ConsultWidget from "./ConsultWidget.vue";
import controls from "./controls.css?inline";
import { Conversation } from "./conversation";
import messages from "./messages.css?inline";
import type { Shelf } from "./storage";
import { sheet } from "./styles";

/** What the element's attributes say. */
export interface Setup {
  base: string;
  shelf: Shelf;
  language: Language;
  begin: Omit<Beginning, "language">;
  greeting: string;
  side: "left" | "right";
  open: boolean;
}

export interface Panel {
  show(): Promise<void>;
  hide(): Promise<void>;
  ask(text: string): Promise<void>;
  /** Ends connections and leaves the root empty; what is saved stays. */
  remove(): void;
}

/** Puts the widget into a shadow root, in place of what stands there. */
export function mount(root: ShadowRoot, setup: Setup): Panel {
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet(messages), sheet(controls)];
  const { shelf, language, begin, greeting, side } = setup;
  const conversation = new Conversation({ client: new Client({ base: setup.base }), shelf, language, begin });
  if (setup.open) conversation.setOpen(true);
  const app = createApp(ConsultWidget, { conversation, greeting, side, known: askedFor(location) });
  const place = document.createElement("div");
  root.replaceChildren(place);
  const panel = app.mount(place) as unknown as Omit<Panel, "remove">;
  const remove = (): void => {
    conversation.dispose();
    app.unmount();
  };
  return { show: () => panel.show(), hide: () => panel.hide(), ask: (text) => panel.ask(text), remove };
}
