/** Words that the portal's script adds to its pages; everything else stands in the pages themselves. */
import type { Language } from "../shared/types";

/** The portal speaks Chinese and English; Cantonese is spoken in the widget. */
export type PageLanguage = Exclude<Language, "yue">;

const zh = {
  results: "“{q}”的查询结果",
  none: "知识库里没有找到相关内容。可以换个说法，或者直接在咨询窗口提问。",
  failed: "暂时查询不了，请稍后再试，或拨打 12367。",
  tooFast: "查询太频繁，请稍候再试。",
  searching: "正在查询…",
  source: "来源：",
  general: "一般性说明，请以 12367 确认为准",
  validTo: "有效期至 {date}",
  region: "仅适用于{place}",
  ask: "在咨询窗口问这个问题",
};

export type PortalKey = keyof typeof zh;

export const words: Record<PageLanguage, Record<PortalKey, string>> = {
  zh,
  en: {
    results: "Results for “{q}”",
    none: "Nothing in the knowledge base matches. Try other words, or ask in the consultation window.",
    failed: "The search does not answer right now. Please try again later, or call 12367.",
    tooFast: "Too many searches, please wait a moment.",
    searching: "Searching…",
    source: "Source: ",
    general: "General guidance, to be confirmed with 12367",
    validTo: "Valid until {date}",
    region: "Applies only in {place}",
    ask: "Ask this in the consultation window",
  },
};

/** Names of the authorities by the ids that entries carry. */
export const authorities: Record<string, Record<PageLanguage, string>> = {
  nia: { zh: "国家移民管理局", en: "National Immigration Administration" },
  border_inspection: { zh: "出入境边防检查机关", en: "Immigration inspection" },
  exit_entry: { zh: "公安机关出入境管理机构", en: "Exit-entry administration" },
  police_station: { zh: "派出所", en: "Local police station" },
  mfa: { zh: "外交部", en: "Ministry of Foreign Affairs" },
  customs: { zh: "海关", en: "Customs" },
  hk_immigration: { zh: "香港入境事务处", en: "Hong Kong Immigration Department" },
  macao_immigration: { zh: "澳门出入境部门", en: "Macao immigration authorities" },
  cts: { zh: "中国旅行社", en: "China Travel Service" },
  hrss: { zh: "人力资源和社会保障部门", en: "Human resources and social security" },
  platform_12367: { zh: "12367 服务平台", en: "12367 service platform" },
};
