/** What every part of the widget shares: the conversation and the words in its language. */
import { inject, type InjectionKey } from "vue";
import { translator, type Translate } from "../shared/i18n";
import type { Conversation } from "./conversation";
import { strings, type Key } from "./strings";

export interface Consult {
  conversation: Conversation;
  t: Translate<Key>;
  /** A line of the embedding site's own, shown above the first message. */
  greeting: string;
}

export const CONSULT: InjectionKey<Consult> = Symbol("consult");

export function makeConsult(conversation: Conversation, greeting: string): Consult {
  return { conversation, greeting, t: translator(strings, () => conversation.view.language) };
}

export function useConsult(): Consult {
  const consult = inject(CONSULT);
  if (!consult) throw new Error("a part of the widget is used outside the widget");
  return consult;
}
