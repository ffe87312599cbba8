/**
 * The element `<consult-12367>`: a button at first, the whole widget when it is pressed. It keeps to its shadow root,
 * sets no cookies and adds no global names. Attributes, on the script as `data-…` or on the element itself: lang (zh,
 * yue, en), region (division code), origin (domestic, overseas), position (left, right), color (#rrggbb), greeting
 * (text), open (show at once), keep (remember the conversation beyond this tab), api (the gateway's origin). A page
 * whose address has `#consult-ticket=NUMBER&consult-code=CODE` shows the answer to that message.
 */
import { TAGS, toLanguage } from "../shared/i18n";
import theme from "../shared/theme.css?inline";
import type { Language } from "../shared/types";
import { askedFor } from "./address";
import { readable } from "./colour";
import frame from "./frame.css?inline";
import type { mount, Panel, Setup } from "./panel";
import { browserStorage, Shelf } from "./storage";
import { sheet } from "./styles";
import { words } from "./words";

const TAG = "consult-12367";
const ICON =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-6 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm3 5v2h10V8zm0 4v2h7v-2z"/></svg>';
type Setting = "lang" | "region" | "origin" | "position" | "color" | "greeting" | "open" | "keep" | "api";

/** Loads what is behind the button. */
export type Load = () => Promise<{ mount: typeof mount }>;

/**
 * Defines the element and puts one into the page that has none.
 * @param script the tag that carries the settings, where there is one.
 */
export function define(script: HTMLScriptElement | null, load: Load): void {
  if (customElements.get(TAG)) return;
  customElements.define(TAG, elementOf(script, load));
  const embed = (): void => {
    if (!document.querySelector(TAG)) document.body.append(document.createElement(TAG));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", embed, { once: true });
  else embed();
}

function elementOf(script: HTMLScriptElement | null, load: Load): CustomElementConstructor {
  return class extends HTMLElement {
    private panel: Promise<Panel> | null = null;

    connectedCallback(): void {
      if (this.panel || this.shadowRoot?.childElementCount) return;
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [theme, frame].map(sheet);
      this.paint();
      const setup = this.setup();
      const saved = setup.shelf.read();
      root.replaceChildren(this.button(setup, (saved.id && saved.language) || setup.language));
      if (setup.open || saved.open || saved.id || askedFor(location)) void this.opened(setup).catch(() => undefined);
    }

    disconnectedCallback(): void {
      void this.panel?.then((panel) => panel.remove(), () => undefined);
      this.panel = null;
      this.shadowRoot?.replaceChildren();
    }

    /** Opens the panel. */
    show(): void {
      void this.opened().then((panel) => panel.show(), () => undefined);
    }

    /** Closes the panel. */
    hide(): void {
      void this.panel?.then((panel) => panel.hide(), () => undefined);
    }

    /** Opens the panel and asks, as if the visitor had typed it. */
    ask(question: string): void {
      if (question.trim()) void this.opened().then((panel) => panel.ask(question.trim()), () => undefined);
    }

    /** The panel, loaded once; a load that failed is said on the button, and can be tried again. */
    private opened(setup: Setup = this.setup()): Promise<Panel> {
      this.panel ??= load()
        .then(({ mount: into }) => into(this.shadowRoot!, setup))
        .catch((error: unknown) => {
          this.panel = null;
          const label = this.shadowRoot?.querySelector(".launcher span");
          if (label) label.textContent = words[setup.language].unloaded;
          throw error;
        });
      return this.panel;
    }

    private button(setup: Setup, language: Language): HTMLElement {
      const place = document.createElement("div");
      place.className = `consult ${setup.side}`;
      place.lang = TAGS[language];
      place.innerHTML = `<button type="button" class="launcher" aria-haspopup="dialog" aria-expanded="false">${ICON}<span role="status"></span></button>`;
      const button = place.firstElementChild as HTMLButtonElement;
      button.ariaLabel = words[language].open;
      button.lastElementChild!.textContent = words[language].launcher;
      button.addEventListener("click", () => this.show());
      return place;
    }

    private setup(): Setup {
      const base = this.setting("api") ?? (script?.src ? new URL(script.src).origin : "");
      const origin = this.setting("origin");
      const region = this.setting("region") ?? "";
      return {
        base,
        shelf: new Shelf(`${TAG}:${base}`, browserStorage(this.has("keep"))),
        language: toLanguage(this.setting("lang")) ?? toLanguage(document.documentElement.lang) ?? "zh",
        begin: {
          ...(origin === "domestic" || origin === "overseas" ? { origin } : {}),
          ...(/^\d{6}$/.test(region) ? { region } : {}),
        },
        greeting: this.setting("greeting") ?? "",
        side: this.setting("position") === "left" ? "left" : "right",
        open: this.has("open"),
      };
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
  };
}
