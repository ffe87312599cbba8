/** Two editors saved at once: what differs, field by field and language by language, and one text of both. */
import type { Form } from "./form";

type Texts = Record<string, string>;
const BY_LANGUAGE = ["questions", "answer", "more"] as const;

/** A form as `path → value`: `answer.zh`, `topic`; lists and sources as their JSON. */
export function flat(form: Form): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(form)) {
    if ((BY_LANGUAGE as readonly string[]).includes(name)) {
      for (const [language, text] of Object.entries(value as Texts)) found[`${name}.${language}`] = text;
    } else {
      found[name] = typeof value === "string" ? value : JSON.stringify(value);
    }
  }
  return found;
}

export type Side = "mine" | "theirs";

export interface Difference {
  path: string;
  mine: string;
  theirs: string;
  /** Both changed it: somebody must decide. Else the side that changed it is taken. */
  clash: boolean;
  taken: Side;
}

/** Where my text and theirs differ, given the one that both began with. */
export function differences(base: Form, mine: Form, theirs: Form): Difference[] {
  const [before, here, there] = [flat(base), flat(mine), flat(theirs)];
  return Object.keys(here)
    .filter((path) => here[path] !== there[path])
    .map((path) => {
      const [changedHere, changedThere] = [here[path] !== before[path], there[path] !== before[path]];
      return {
        path, mine: here[path] ?? "", theirs: there[path] ?? "", clash: changedHere && changedThere,
        taken: changedHere ? "mine" : "theirs",
      };
    });
}

/** My form with what is taken from theirs. */
export function merged(mine: Form, theirs: Form, found: readonly Difference[]): Form {
  const result = JSON.parse(JSON.stringify(mine)) as Form;
  for (const { path, taken } of found) {
    if (taken === "mine") continue;
    const [name, language] = path.split(".") as [keyof Form, string | undefined];
    if (language) (result[name] as unknown as Texts)[language] = (theirs[name] as unknown as Texts)[language] ?? "";
    else (result as unknown as Record<string, unknown>)[name] = JSON.parse(JSON.stringify(theirs[name]));
  }
  return result;
}
