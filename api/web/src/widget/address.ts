/** Number and code of a message left behind, in the address of the page: `#consult-ticket=…&consult-code=…`. */

export interface Known {
  number: string;
  code: string;
}

const NUMBER = "consult-ticket";
const CODE = "consult-code";

/** What the address asks for, in its query or its fragment; null when it asks for nothing. */
export function askedFor(address: URL | Location): Known | null {
  for (const part of [address.hash.slice(1), address.search]) {
    const values = new URLSearchParams(part);
    const number = values.get(NUMBER);
    if (number) return { number, code: values.get(CODE) ?? "" };
  }
  return null;
}

/** This page with the two in its fragment, which browsers send to nobody. */
export function lookUpLink(number: string, code: string): string {
  return `${location.pathname}${location.search}#${new URLSearchParams({ [NUMBER]: number, [CODE]: code }).toString()}`;
}
