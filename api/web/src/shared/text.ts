/** Message text as pieces to render: never HTML, and nothing becomes a link but telephone numbers. */

export type Piece = { text: string; tel?: string };

/**
 * Numbers that people are told to call. The three-digit emergency numbers are only taken after a word of calling:
 * "120 hours" and "110 yuan" are not telephone numbers.
 */
const NUMBERS = new RegExp(
  [
    String.raw`(?<![\d+-])\+\d{1,3}[- ]\d{1,4}[- ]\d{4,8}(?![\d-])`,
    String.raw`(?<![\d+.-])123(?:01|05|08|15|28|29|33|45|48|60|66|67|88|89|93|95)(?![\d-]|\.\d)`,
    String.raw`(?<=(?:拨打|拨|致电|请打|打|撥打|致電|報警|报警|[Cc]all|[Dd]ial) ?)1(?:10|19|20|22)(?![\d.-])`,
    String.raw`(?<![\d+-])0\d{2,3}-\d{7,8}(?![\d-])`,
  ].join("|"),
  "g",
);

/** `拨打12367` → [{text: "拨打"}, {text: "12367", tel: "12367"}]; the pieces' texts joined give the text back. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(NUMBERS)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: match[0], tel: match[0].replace(/[^\d+]/g, "") });
    end = match.index + match[0].length;
  }
  if (end < text.length || !found.length) found.push({ text: text.slice(end) });
  return found;
}

/** Units of reading length: a Chinese character says about as much as two Latin letters. */
export function readingLength(text: string): number {
  let length = 0;
  for (const character of text) length += /[\u2e80-\u9fff\uff00-\uffef]/.test(character) ? 1 : 0.5;
  return length;
}

const ENDS = /[。！？；\n]|[.!?;](?=\s|$)/g;

/**
 * Where to fold a long text: after the last sentence that ends within `limit` units of reading length, or null when
 * the text is short or the hidden rest would be too little to be worth a button.
 */
export function foldPoint(text: string, limit = 250, rest = 40): number | null {
  if (readingLength(text) <= limit + rest) return null;
  let point = 0;
  for (const match of text.matchAll(ENDS)) {
    const end = match.index + match[0].length;
    if (readingLength(text.slice(0, end)) > limit) break;
    point = end;
  }
  return point > text.length / 8 ? point : null;
}

/** Everything that a message says: its text, and the second part that is folded away at first. */
export function fullText(message: { text: string; more?: string | null }): string {
  return message.more ? `${message.text}\n\n${message.more}` : message.text;
}

/** Only web addresses may be opened from a message; anything else (script, data, file) is no address. */
export function webAddress(url: string | null | undefined): string | null {
  if (!url) return null;
  try {
    const { protocol, href } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}
