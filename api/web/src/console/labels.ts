/** Names of the interface's codes, in both languages of the console. A code that is new here is shown as it is. */
import type { ConsoleLanguage } from "./strings";

type Names = Record<string, readonly [zh: string, en: string]>;

const KINDS: Names = {
  greeting: ["问候", "Greeting"],
  chitchat: ["寒暄", "Small talk"],
  notice: ["提示", "Notice"],
  answer: ["解答", "Answer"],
  clarify: ["追问", "Asked back"],
  handoff: ["转人工", "Handover"],
  decline: ["不受理", "Declined"],
};
const BUSINESSES: Names = {
  clearance: ["口岸通关", "Port clearance"],
  documents: ["出入境证件", "Documents"],
  suggestions: ["意见建议", "Suggestions"],
};
const LANGUAGES: Names = { zh: ["普通话", "Mandarin"], yue: ["粤语", "Cantonese"], en: ["英语", "English"] };
const QUEUES: Names = {
  border_inspection: ["边检站", "Border inspection"],
  exit_entry: ["出入境管理", "Exit-entry administration"],
  service_centre: ["服务中心", "Service centre"],
};
const SOURCES: Names = {
  place: ["来访者所说", "what the visitor said"],
  port: ["所提口岸", "the port named"],
  region: ["来访者所选", "what the visitor chose"],
  number: ["来电号码", "the caller's number"],
  network: ["网络地址", "the network address"],
};
const CHANNELS: Names = {
  web: ["网页", "Web"], api: ["接口", "API"], wechat: ["微信公众号", "WeChat"], wecom: ["微信客服", "WeCom"],
  partner: ["合作方", "Partner"],
};
const WHYS: Names = {
  asked: ["来访者要求人工", "The visitor asked for a human"],
  handoff: ["来访者要求人工", "The visitor asked for a human"],
  misses: ["智能客服连续未能解答", "The bot could not answer twice"],
  report_crime: ["举报违法犯罪线索", "Report of a crime"],
  distress: ["紧急求助", "Distress"],
  complaint: ["投诉", "Complaint"],
  suggestion: ["意见建议", "Suggestion"],
  personal_case: ["个人办件查询", "Personal case"],
  message: ["来访者留言", "The visitor left a message"],
  engine: ["智能客服暂不可用", "The bot was unavailable"],
};
const INTENTS: Names = {
  ask: ["咨询", "a question"], followup: ["追问", "a follow-up"], inform: ["补充信息", "something added"],
  answer: ["回答追问", "an answer"], handoff: ["要人工", "a wish for a human"], suggestion: ["意见建议", "a suggestion"],
  report_crime: ["举报线索", "a report of crime"], distress: ["紧急求助", "distress"], complain: ["投诉", "a complaint"],
  out_of_scope: ["非本业务", "not our business"], illegal_help: ["违规求助", "help with something illegal"],
  injection: ["恶意指令", "an attempt to steer the bot"], personal_case: ["个人办件", "a personal case"],
  greet: ["问候", "a greeting"], thanks: ["致谢", "thanks"], goodbye: ["道别", "a goodbye"],
  bot_challenge: ["问是不是机器人", "are you a bot"], chitchat: ["闲聊", "small talk"], abuse: ["辱骂", "abuse"],
  affirm: ["肯定", "yes"], deny: ["否定", "no"], cancel: ["取消", "cancel"], correct: ["更正", "a correction"],
  resume: ["回到前题", "back to the topic"], repeat: ["再说一遍", "say it again"], not_understood: ["没听懂", "did not understand"],
  choose_language: ["选语言", "choice of language"], choose_business: ["选业务", "choice of business"],
  nlu_fallback: ["没有把握", "unsure"],
};
const ENTITIES: Names = {
  place: ["地点", "place"], port: ["口岸", "port"], nationality: ["国籍", "nationality"], document: ["证件", "document"],
  duration: ["时长", "duration"], age: ["年龄", "age"], date: ["日期", "date"], city: ["城市", "city"],
  entry: ["条目", "entry"], business: ["业务", "business"], language: ["语言", "language"], origin: ["来自", "from"],
  onward: ["前往", "onward"],
};
const INPUTS: Names = {
  channel: ["渠道", "Channel"],
  line: ["线路", "Line"],
  language: ["语言", "Language"],
  business: ["业务", "Business"],
  origin: ["境内外", "Origin"],
  port: ["口岸", "Port"],
  place: ["所说地点", "Place said"],
  region: ["所选地区", "Region"],
  caller_number: ["来电号码", "Caller number"],
  urgent: ["紧急", "Urgent"],
  version: ["规则版本", "Rules version"],
  why: ["原因", "Why"],
};
const VALUES: Names = {
  domestic: ["境内", "mainland"],
  overseas: ["境外（含港澳台）", "outside the mainland"],
  chat: ["在线咨询", "chat"],
  phone: ["电话", "phone"],
  true: ["是", "yes"],
  false: ["否", "no"],
  given: ["已提供", "given"],
};
const MODES: Names = { live: ["在线", "Live"], message: ["留言", "Message"], order: ["12345工单", "12345 order"] };
const STATUSES: Names = {
  waiting: ["待接单", "Waiting"],
  active: ["办理中", "Active"],
  answered: ["已答复", "Answered"],
  resolved: ["已办结", "Resolved"],
  followed_up: ["回访中", "Asked whether settled"],
  closed: ["已结束", "Closed"],
  merged: ["已合并", "Merged"],
  returned: ["已退单", "Returned to the partner"],
  away: ["已转合作方", "With the partner"],
};
const EVENTS: Names = {
  accepted: ["受理", "Accepted"],
  dispatched: ["派单", "Dispatched"],
  transferred: ["改派", "Transferred"],
  returned: ["退单", "Returned"],
  refused: ["退回合作方", "Returned to the partner"],
  released: ["退回队列", "Back to the queue"],
  assigned: ["指派", "Assigned"],
  supervised: ["督办", "Supervised"],
  extended: ["延期", "Extended"],
  invited: ["邀请坐席", "Seat invited"],
  guest_left: ["受邀坐席离开", "Invited seat left"],
  partner_invited: ["邀请合作方", "Partner invited"],
  partner_left: ["合作方离开", "Partner left"],
  merged: ["合并", "Merged"],
  duplicate: ["并入重复工单", "Duplicate taken in"],
  confidential: ["设为保密", "Made confidential"],
  not_confidential: ["取消保密", "No longer confidential"],
  warned: ["时限预警", "Warned"],
  escalated: ["超时升级", "Escalated"],
  message_begun: ["开始留言", "Message begun"],
  message_left: ["来访者留言", "Message left"],
  visitor_is_back: ["来访者回来", "Visitor is back"],
  followed_up: ["回访", "Asked whether settled"],
  settled: ["确认解决", "Settled"],
  reopened: ["重新办理", "Reopened"],
  rated: ["评价", "Rated"],
  to_bot: ["交还机器人", "Back to the bot"],
  handed_over: ["转合作方", "Handed over"],
  partner_told: ["合作方反馈", "Partner's news"],
  drafted: ["存为词条草稿", "Kept as draft entry"],
  opened: ["进入排队", "Queued"],
  claimed: ["接单", "Claimed"],
  answered: ["答复", "Answered"],
  resolved: ["办结", "Resolved"],
  moved: ["改派", "Moved"],
};
/** What stands in the audit log. */
const DEEDS: Names = {
  "conversation.read": ["查看会话", "Read a conversation"], "tickets.export": ["导出工单", "Exported tickets"],
  "ticket.supervise": ["督办", "Supervised"], "contact.read": ["查看联系方式", "Read a contact"],
  "knowledge.import": ["导入条目", "Imported entries"],
  "account.add": ["新建账号", "Made an account"], "account.change": ["修改账号", "Changed an account"],
};
/** Categories for resolving; the codes are what the ticket stores. */
const CATEGORIES: Names = {
  entry_exit: ["口岸通关", "Port clearance"],
  visa_free: ["签证与免签", "Visas and visa-free stay"],
  documents: ["出入境证件", "Exit-entry documents"],
  residence: ["停居留与住宿登记", "Stay, residence, registration"],
  progress: ["办件进度", "Application progress"],
  suggestion: ["意见建议", "Suggestions"],
  complaint: ["投诉", "Complaints"],
  crime: ["违法犯罪线索", "Reports of crime"],
  not_ours: ["不属本部门", "Not our business"],
  other: ["其他", "Other"],
};

const GROUPS = {
  kind: KINDS, business: BUSINESSES, language: LANGUAGES, queue: QUEUES, source: SOURCES, intent: INTENTS, deed: DEEDS, entity: ENTITIES, channel: CHANNELS, why: WHYS, input: INPUTS,
  value: VALUES, event: EVENTS, mode: MODES, status: STATUSES, category: CATEGORIES,
};

export const CATEGORY_CODES: readonly string[] = Object.keys(CATEGORIES);

export function label(group: keyof typeof GROUPS, code: string | null | undefined, language: ConsoleLanguage): string {
  if (!code) return "";
  const partner = group === "why" && /^order:(.+)$/.exec(code)?.[1];
  if (partner) return language === "zh" ? `${partner}转来的工单` : `An order of ${partner}`;
  return GROUPS[group][code]?.[language === "zh" ? 0 : 1] ?? code;
}

/** A routing input's value in words; null when there is none worth a line. */
export function inputValue(name: string, value: unknown, language: ConsoleLanguage): string | null {
  if (value === null || value === undefined || value === "" || value === false) return null;
  if (typeof value === "object") return JSON.stringify(value);
  const code = String(value);
  if (name === "language" || name === "business" || name === "why" || name === "channel") return label(name, code, language);
  return label("value", code, language);
}
