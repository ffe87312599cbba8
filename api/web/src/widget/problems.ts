/** What a failed call means to the conversation, and to the visitor. */
import { ApiProblem, NoAnswer } from "../shared/api";

/** The conversation is not there any more (retention, another installation), or the token is not its own. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiProblem && [401, 403, 404].includes(error.status);
}

/** What the gateway said. Empty for "nobody answered" and `429` for "too often": the interface has words for those. */
export function describe(error: unknown): string {
  if (error instanceof NoAnswer) return "";
  if (error instanceof ApiProblem) return error.status === 429 ? "429" : error.message;
  return String(error);
}
