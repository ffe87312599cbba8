/** The conversation as a text file that the visitor can keep. */
import { calendarDate, clockTime, dayOf } from "../shared/i18n";
import { fullText } from "../shared/text";
import type { Language, Message } from "../shared/types";
import type { Consult } from "./context";

/** Of several seats in one talk, the one that said it; `seat` stands in for messages that do not tell. */
export function senderName(t: Consult["t"], message: Pick<Message, "sender" | "seat">, seat: string | null): string {
  if (message.sender === "seat") return message.seat ?? seat ?? t("seat");
  return t(({ user: "you", bot: "bot", system: "system" } as const)[message.sender]);
}

/** Plain text with names, times and sources, in the interface's language. */
export function transcript(
  messages: readonly Message[], t: Consult["t"], language: Language, seat: string | null,
): string {
  const now = new Date().toISOString();
  const head = [t("transcriptTitle"), t("transcriptSaved", { time: moment(now, language) })];
  const blocks = messages.map((message) => {
    const lines = [`[${moment(message.created_at, language)}] ${senderName(t, message, seat)}`, fullText(message)];
    for (const source of message.sources) {
      const date = source.date ? calendarDate(source.date, language) : null;
      lines.push(`  ${t("source", { title: [source.title, source.authority, date, source.url].filter(Boolean).join(" · ") })}`);
    }
    if (message.valid_to) lines.push(`  ${t("validTo", { date: calendarDate(message.valid_to, language) })}`);
    return lines.join("\n");
  });
  return `${head.join("\n")}\n\n${blocks.join("\n\n")}\n`;
}

/** Hands a text file to the browser's downloads; it never leaves the device. */
export function saveText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function moment(iso: string, language: Language): string {
  return `${dayOf(iso, language)} ${clockTime(iso, language)}`;
}
