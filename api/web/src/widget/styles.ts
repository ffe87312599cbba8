/** Style sheets of a shadow root: constructed, so that a page's policy on inline styles does not matter. */
export function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
