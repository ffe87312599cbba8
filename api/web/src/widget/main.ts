/**
 * The embeddable widget: one script tag gives a page the element `<consult-12367>`. It keeps to its shadow root, sets
 * no cookies and adds no global names. Attributes, on the script as `data-…` or on the element itself: lang (zh, yue,
 * en), region (division code), origin (domestic, overseas), position (left, right), color (#rrggbb), greeting (text),
 * open (show at once), keep (remember the conversation beyond this tab), api (the gateway's origin). A page whose
 * address has `#consult-ticket=NUMBER&consult-code=CODE` shows the answer to that message.
 */
import { createApp, type App } from "vue";
import { Client, type Beginning } from "../shared/api";
import { toLanguage } from "../shared/i18n";
import theme from "../shared/theme.css?inline";
import { askedFor } from "./address";
import ConsultWidget from "./ConsultWidget.vue";
import { readable } from "./colour";
import controls from "./controls.css?inline";
import { Conversation } from "./conversation";
import frame from "./frame.css?inline";
import messages from "./messages.css?inline";
import { browserStorage, Shelf } from "./storage";

const TAG = "consult-12367";
const SETTINGS = ["lang", "region", "origin", "position", "color", "greeting", "open", "keep", "api"] as const;
type Setting = (typeof SETTINGS)[number];

/** As a module (while developing) the script cannot ask the browser which tag it came from, so it looks. */
const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src$="widget.js"]');

type Panel = { show(): Promise<void>; hide(): Promise<void>; ask(text: string): Promise<void> };

class ConsultElement extends HTMLElement {
  private app: App | null = null;
  private panel: Panel | null = null;
  private conversation: Conversation | null = null;

  connectedCallback(): void {
    if (this.app) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [theme, frame, messages, controls].map(sheet);
    const place = document.createElement("div");
    root.replaceChildren(place);
    this.paint();
    this.conversation = this.makeConversation();
    if (this.has("open")) this.conversation.setOpen(true);
    this.app = createApp(ConsultWidget, {
      conversation: this.conversation,
      greeting: this.setting("greeting") ?? "",
      side: this.setting("position") === "left" ? "left" : "right",
      known: askedFor(location),
    });
    this.panel = this.app.mount(place) as unknown as Panel;
  }

  disconnectedCallback(): void {
    this.conversation?.dispose();
    this.app?.unmount();
    this.app = this.panel = this.conversation = null;
  }

  /** Opens the panel. */
  show(): void {
    void this.panel?.show();
  }

  /** Closes the panel. */
  hide(): void {
    void this.panel?.hide();
  }

  /** Opens the panel and asks, as if the visitor had typed it. */
  ask(question: string): void {
    if (question.trim()) void this.panel?.ask(question.trim());
  }

  private makeConversation(): Conversation {
    const base = this.setting("api") ?? (script?.src ? new URL(script.src).origin : "");
    const origin = this.setting("origin");
    const begin: Omit<Beginning, "language"> = {};
    if (origin === "domestic" || origin === "overseas") begin.origin = origin;
    if (/^\d{6}$/.test(this.setting("region") ?? "")) begin.region = this.setting("region")!;
    return new Conversation({
      client: new Client({ base }),
      shelf: new Shelf(`${TAG}:${base}`, browserStorage(this.has("keep"))),
      language: toLanguage(this.setting("lang")) ?? toLanguage(document.documentElement.lang) ?? "zh",
      begin,
    });
  }

  /** A site's own colour is taken where white text on it can be read. */
  private paint(): void {
    const colour = this.setting("color");
    if (!colour || !readable(colour)) return;
    this.style.setProperty("--brand", colour);
    this.style.setProperty("--brand-strong", `color-mix(in srgb, ${colour} 80%, black)`);
  }

  private setting(name: Setting): string | null {
    return this.getAttribute(name) ?? script?.getAttribute(`data-${name}`) ?? null;
  }

  private has(name: Setting): boolean {
    const value = this.setting(name);
    return value !== null && value !== "false";
  }
}

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

function embed(): void {
  if (!document.querySelector(TAG)) document.body.append(document.createElement(TAG));
}

if (!customElements.get(TAG)) {
  customElements.define(TAG, ConsultElement);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", embed, { once: true });
  else embed();
}
