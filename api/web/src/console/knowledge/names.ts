/** Names of an entry's codes; a code that is new here is shown as it is. */
import { language } from "../ui";
import type { References } from "./types";

type Names = Record<string, readonly [zh: string, en: string]>;

const STATUS: Names = {
  draft: ["草稿", "Draft"], reviewed: ["已审核", "Reviewed"], published: ["已发布", "Published"], retired: ["已停用", "Retired"],
};
const AREA: Names = {
  clearance: ["口岸通关", "Port clearance"], documents: ["出入境证件", "Documents"], life: ["在华生活", "Life in China"],
  suggestions: ["意见建议", "Suggestions"], routing: ["找谁办", "Who does what"],
};
const AUDIENCE: Names = {
  everyone: ["所有人", "Everyone"], chinese_citizens: ["中国公民", "Chinese citizens"], foreigners: ["外国人", "Foreigners"],
  hk_macao_residents: ["港澳居民", "Hong Kong and Macao residents"], taiwan_residents: ["台湾居民", "Taiwan residents"],
  crew: ["交通运输工具员工", "Crew"], employers: ["用人单位", "Employers"],
};
const NEED: Names = {
  city: ["所在城市", "City"], nationality: ["国籍", "Nationality"], document: ["证件种类", "Document"], port: ["口岸", "Port"],
};
const VERDICT: Names = { answer: ["直接回答", "answers"], clarify: ["反问“您是不是想问”", "asks “did you mean”"], decline: ["答不了", "declines"] };
const REASON: Names = {
  disliked: ["评价差", "Rated badly"], declined: ["没有答案", "No answer"], unclear: ["反问未中", "Guessed wrong"],
  out_of_scope: ["判为非本业务", "Taken as not ours"], handed_over: ["转了人工", "Went to a human"],
};
const FIELD: Names = {
  id: ["编号", "Id"], area: ["领域", "Area"], topic: ["主题", "Topic"], questions: ["问法", "Wordings"], answer: ["答案", "Answer"],
  more: ["更多说明", "More"], region: ["地区", "Region"], audience: ["对象", "Audience"], authority: ["主管机关", "Authority"],
  sources: ["来源", "Sources"], general: ["一般指引", "General guidance"], valid_from: ["生效日", "Valid from"],
  valid_to: ["截止日", "Valid to"], review_by: ["复核日", "Review by"], supersedes: ["取代条目", "Supersedes"],
  related: ["相关条目", "Related"], needs: ["须先知道", "Must be known"], facts: ["事实", "Facts"], owner: ["归属", "Owner"],
  review: ["审核", "Review"],
};
const GROUPS = { status: STATUS, area: AREA, audience: AUDIENCE, need: NEED, verdict: VERDICT, reason: REASON, field: FIELD };

export function nameOf(group: keyof typeof GROUPS, code: string): string {
  return GROUPS[group][code]?.[language.value === "zh" ? 0 : 1] ?? code;
}

type Named = References["regions"][number];

export const said = (one: Named): string => (language.value === "zh" ? one.zh : one.en);

/** `440300` → 深圳市, `passport` → 护照; the code itself until the names are there, and where it has none. */
export function calledIn(names: readonly Named[] | undefined, code: string): string {
  const found = names?.find((one) => one.code === code);
  return found ? said(found) : code;
}

/** A division by its code, or by its name as an editor types it; null when there is none. */
export function division(references: References | null, typed: string): Named | null {
  return references?.regions.find((one) => [one.code, one.zh, one.en].includes(typed.trim())) ?? null;
}

const LANGUAGE_NAMES: Names = { zh: ["普通话", "Mandarin"], yue: ["粤语", "Cantonese"], en: ["英语", "English"] };

/** `answer.zh` → 答案（普通话）. */
export function fieldName(path: string): string {
  const [field = "", part] = path.split(".");
  const spoken = part ? LANGUAGE_NAMES[part]?.[language.value === "zh" ? 0 : 1] ?? part : "";
  return nameOf("field", field) + (spoken ? (language.value === "zh" ? `（${spoken}）` : ` (${spoken})`) : "");
}

export const REASONS: readonly string[] = Object.keys(REASON);
