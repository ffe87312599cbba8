/** What the reply box decides, apart from the page. */

/** The gateway counts code points, not UTF-16 units: an emoji is one. */
export const LIMIT = 2000;

export function length(text: string): number {
  let count = 0;
  for (const _ of text.trim()) count += 1;
  return count;
}

/**
 * Enter sends, Ctrl+Enter too; Shift+Enter is a new line. An Enter that chooses a word in an input method is neither:
 * some browsers report it only by the key code 229.
 */
export function isSendKey(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false;
  return !event.shiftKey && !event.altKey;
}

/** Puts `piece` in the place of the selection, apart from what stands around it. Without a place: at the end. */
export function insertAt(
  text: string, piece: string, at: readonly [start: number, end: number] = [text.length, text.length],
): { text: string; cursor: number } {
  const before = text.slice(0, at[0]);
  const after = text.slice(at[1]);
  const gap = before && !before.endsWith("\n") ? "\n" : "";
  const tail = after && !after.startsWith("\n") ? "\n" : "";
  const head = before + gap + piece;
  return { text: head + tail + after, cursor: head.length };
}

const REPEAT = 3_000;
const PAUSE = 4_000;

/** Tells the visitor that somebody types: at the start, again while it goes on, and when it ends. */
export class TypingSignal {
  private told = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (on: boolean) => void) {}

  typed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), PAUSE);
    if (Date.now() - this.told < REPEAT) return;
    this.told = Date.now();
    this.tell(true);
  }

  stop(): void {
    clearTimeout(this.timer);
    if (!this.told) return;
    this.told = 0;
    this.tell(false);
  }
}
