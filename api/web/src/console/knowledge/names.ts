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
/** Topics in use; editors may begin new ones, which show as their codes until they are named here. */
const TOPIC: Names = {
  hk_macao_permit: ["往来港澳通行证", "Hong Kong and Macao permit"], visa_free_unilateral: ["单方面免签", "Unilateral visa exemption"],
  transit_240h: ["240小时过境免签", "240-hour transit"], passport: ["普通护照", "Passport"], sz_hk_ports: ["深港口岸", "Shenzhen–Hong Kong ports"],
  residence_permit: ["居留许可", "Residence permit"], inspection_procedure: ["查验手续", "Inspection procedure"], hotline: ["12367热线", "The 12367 line"],
  complaint: ["投诉举报", "Complaints and reports"], org: ["机构职责", "Who does what"], visa_free_regional: ["区域性免签", "Regional visa exemption"],
  visa_extension: ["签证延期换发", "Visa extension"], permanent_residence: ["永久居留", "Permanent residence"], online_full: ["全程网办", "Online services"],
  customs_not_nia: ["海关事项", "Customs matters"], zh_mo_ports: ["珠澳口岸", "Zhuhai–Macao ports"], overstay: ["逾期停居留", "Overstay"],
  hk_macao_resident_permit: ["港澳居民证件", "Hong Kong and Macao residents' permits"], face_clearance: ["刷脸通关", "Face clearance"],
  border_area: ["边境管理区", "Border areas"], arrival_card: ["入境卡", "Arrival card"], visa_free_mutual: ["互免签证", "Mutual visa exemption"],
  name_document_check: ["证件与姓名核对", "Documents and names"], exit_restriction: ["限制出境", "Exit restrictions"], e_channel: ["快捷通道", "E-channels"],
  accommodation_reg: ["住宿登记", "Accommodation registration"], transit_24h: ["24小时过境", "24-hour transit"], taiwan_permit: ["往来台湾通行证", "Taiwan permit"],
  progress_delivery: ["进度与邮寄", "Progress and delivery"], port_visa: ["口岸签证", "Port visa"], lost_at_port: ["口岸遗失证件", "Documents lost at a port"],
  entry_refusal: ["不准入境", "Refusal of entry"], vehicles: ["车辆与驾驶员", "Vehicles and drivers"], records_and_certs: ["出入境记录与证明", "Records and certificates"],
  payment: ["支付", "Payment"], naturalisation: ["国籍", "Nationality"], medical_edu: ["就医就学", "Medical care and schooling"], crew: ["员工登陆", "Crew"],
  apec_card: ["APEC商务旅行卡", "APEC card"], taiwan_resident_permit: ["台湾居民证件", "Taiwan residents' permits"], daily: ["日常生活", "Daily life"],
  transport: ["交通", "Transport"], minors: ["未成年人", "Minors"], emergency_life: ["紧急情况", "Emergencies"], border_residents: ["边民", "Border residents"],
  temporary_entry: ["临时入境", "Temporary entry"], sim_card: ["电话卡", "SIM cards"], from_seats: ["坐席答复", "From seats"],
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
const GROUPS = { status: STATUS, area: AREA, topic: TOPIC, audience: AUDIENCE, need: NEED, verdict: VERDICT, reason: REASON, field: FIELD };

export function nameOf(group: keyof typeof GROUPS, code: string): string {
  return GROUPS[group][code]?.[language.value === "zh" ? 0 : 1] ?? code;
}

/** A division by its code, or by its name as an editor types it; null when there is none. */
export function division(references: References | null, typed: string): References["regions"][number] | null {
  return references?.regions.find((one) => [one.code, one.zh, one.en].includes(typed.trim())) ?? null;
}

/** `440300` → 深圳市; the code itself until the names are there. */
export function divisionName(references: References | null, code: string): string {
  const found = division(references, code);
  return found ? (language.value === "zh" ? found.zh : found.en) : code;
}

const LANGUAGE_NAMES: Names = { zh: ["普通话", "Mandarin"], yue: ["粤语", "Cantonese"], en: ["英语", "English"] };

/** `answer.zh` → 答案（普通话）. */
export function fieldName(path: string): string {
  const [field = "", part] = path.split(".");
  const spoken = part ? LANGUAGE_NAMES[part]?.[language.value === "zh" ? 0 : 1] ?? part : "";
  return nameOf("field", field) + (spoken ? (language.value === "zh" ? `（${spoken}）` : ` (${spoken})`) : "");
}

export const REASONS: readonly string[] = Object.keys(REASON);
