/** Names of countries and territories to choose from; any other that is typed is understood as well. */
import type { Language } from "../shared/types";

/** ISO 3166-1 codes, without China and its regions: a visitor's own nationality. */
const CODES =
  "AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CO CR " +
  "CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW GY HN HR HT HU ID IE " +
  "IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML " +
  "MM MN MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO RS RU RW SA SB SC SD " +
  "SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TZ UA UG US UY UZ VA VC VE VN VU WS YE " +
  "ZA ZM ZW";
/** Where a journey may come from or go on to, besides. */
const REGIONS = "HK MO TW";
const TAGS: Record<Language, string> = { zh: "zh-Hans-CN", yue: "zh-Hant-HK", en: "en-GB" };

/** The nations' names in a language, in its own order. */
export function nations(language: Language): string[] {
  return named(CODES, language);
}

/** Hong Kong, Macao and Taiwan. */
export function regions(language: Language): string[] {
  return named(REGIONS, language).map((name) => name.replace(/ SAR China$|^中[国國]|特[别別]行政[区區]$/g, ""));
}

function named(codes: string, language: Language): string[] {
  const names = new Intl.DisplayNames([TAGS[language]], { type: "region" });
  return codes
    .split(" ")
    .map((code) => names.of(code) ?? code)
    .sort(new Intl.Collator(TAGS[language]).compare);
}
