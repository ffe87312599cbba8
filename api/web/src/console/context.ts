/** What every component of the console shares. */
import { inject, reactive, ref, type InjectionKey, type Ref } from "vue";
import { ApiProblem, routing } from "../shared/api";
import type { Unit } from "../shared/types";
import type { ActionName } from "./actions";
import type { Alerts } from "./alerts";
import type { Desk } from "./desk";
import type { Router } from "./route";
import { once } from "./coalesce";
import { t } from "./ui";

export interface Notice {
  id: number;
  text: string;
  tone: "info" | "bad";
}

/** Text to put into the reply box of a ticket; a new object each time, so that the same text can come twice. */
export interface Insertion {
  ticketId: string;
  text: string;
}

export interface Console {
  desk: Desk;
  router: Router;
  alerts: Alerts;
  notices: Notice[];
  insertion: Ref<Insertion | null>;
  /** A message whose words are to be looked up, chosen by the seat. */
  lookup: Ref<string | null>;
  resolving: Ref<string | null>;
  /** An action whose dialog is open. */
  acting: Ref<{ ticketId: string; action: ActionName } | null>;
  helping: Ref<boolean>;
  tell: (text: string, tone?: Notice["tone"]) => void;
  claim: (ticketId: string) => Promise<void>;
  /** Every unit that can be given a case; they change with a new version of the service, so they are read once. */
  units: () => Promise<Unit[]>;
  /** Takes the next of the line and opens it. */
  next: () => Promise<void>;
}

const KEY: InjectionKey<Console> = Symbol("console");
export const CONSOLE = KEY;

export function useConsole(): Console {
  const found = inject(KEY);
  if (!found) throw new Error("a console component was used outside the console");
  return found;
}

/** What went wrong, in words for the seat. */
export function reasonOf(error: unknown): string {
  return error instanceof ApiProblem ? error.message || String(error.status) : t("offline");
}

const DONE = ["resolved", "followed_up", "closed", "merged"];
const NOTICE_STAYS = 6_000;

export function makeConsole(desk: Desk, router: Router, alerts: Alerts): Console {
  const notices = reactive<Notice[]>([]);
  let count = 0;
  const tell: Console["tell"] = (text, tone = "info") => {
    const id = (count += 1);
    notices.push({ id, text, tone });
    setTimeout(() => notices.splice(notices.findIndex((one) => one.id === id), 1), NOTICE_STAYS);
  };
  const claim = async (ticketId: string): Promise<void> => {
    const number = desk.state.tickets[ticketId]?.number ?? "";
    try {
      const ended = await desk.claim(ticketId);
      if (ended.result !== "taken") return; // a ticket that is gone is told by the desk itself
      const { status, seat } = ended.ticket;
      const key = DONE.includes(status) ? "claimResolved" : "claimTaken";
      tell(t(key, { number, name: seat?.name ?? "—" }), "bad");
    } catch (error) {
      tell(t("actionFailed", { reason: reasonOf(error) }), "bad");
    }
  };
  const next = async (): Promise<void> => {
    try {
      const ticketId = await desk.next();
      if (ticketId) router.go({ ticket: ticketId, side: false });
      else tell(t("nobodyWaits"));
    } catch (error) {
      tell(t("actionFailed", { reason: reasonOf(error) }), "bad");
    }
  };
  const units = once(() => desk.ask((client) => routing.units(client, { limit: 500 })));
  return {
    desk, router, alerts, notices, tell, claim, next, units,
    insertion: ref(null), lookup: ref(null), resolving: ref(null), acting: ref(null), helping: ref(false),
  };
}
