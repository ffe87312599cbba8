/** Phones: the panel fills the part of the screen that the virtual keyboard leaves, and keeps the focus inside. */

/** Below this width (or height, for phones held sideways) the panel covers the screen; frame.css says the same. */
const PHONE = "(max-width: 480px), (max-height: 480px)";

export function isPhone(): boolean {
  return window.matchMedia(PHONE).matches;
}

/**
 * Follows the visible part of the screen. Browsers that shrink only the visual viewport when the keyboard opens would
 * otherwise push the header out of sight. Returns the function that ends it.
 */
export function keepInView(panel: () => HTMLElement | null): () => void {
  const visible = window.visualViewport;
  if (!visible) return () => undefined;
  const place = (): void => {
    const style = panel()?.style;
    style?.setProperty("--visible-height", `${visible.height}px`);
    style?.setProperty("--visible-top", `${visible.offsetTop}px`);
  };
  visible.addEventListener("resize", place);
  visible.addEventListener("scroll", place);
  return () => {
    visible.removeEventListener("resize", place);
    visible.removeEventListener("scroll", place);
  };
}

const FOCUSABLE = "a[href], button:not(:disabled), textarea:not(:disabled), summary, [tabindex='0']";

/** Keeps Tab within a panel that covers the page behind it. */
export function trapTab(event: KeyboardEvent, panel: HTMLElement): void {
  const stops = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((stop) => stop.offsetParent !== null);
  const active = (panel.getRootNode() as ShadowRoot).activeElement;
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (!edge || (active !== edge && active !== panel)) return;
  if (active === panel && !event.shiftKey) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}
