/** Ready-made sentences in the visitor's language. Keep them short: a seat reads them before sending. */
import type { Language } from "../shared/types";

export interface Canned {
  id: string;
  /** What the seat sees in the list, in the console's languages. */
  name: { zh: string; en: string };
  text: Record<Language, string>;
}

export const CANNED: readonly Canned[] = [
  {
    id: "greeting",
    name: { zh: "问候", en: "Greeting" },
    text: {
      zh: "您好，我是人工坐席，已看过您前面的对话，请稍等，我来为您处理。",
      yue: "你好，我係人工客服，已經睇過你之前嘅對話，請等等，我幫你跟進。",
      en: "Hello, this is a member of staff. I have read your conversation so far and will help you from here.",
    },
  },
  {
    id: "wait",
    name: { zh: "请稍候", en: "Please wait" },
    text: {
      zh: "正在为您核实，请稍候片刻，不要离开本页面。",
      yue: "幫緊你核實，請等一陣，唔好離開呢一頁。",
      en: "I am checking this for you. Please stay on this page for a moment.",
    },
  },
  {
    id: "details",
    name: { zh: "请补充情况", en: "More details" },
    text: {
      zh: "请说一下您的国籍或地区、持用的证件种类，以及打算什么时候、从哪个口岸出入境。",
      yue: "請講低你嘅國籍或者地區、用緊邊種證件，同埋打算幾時、經邊個口岸出入境。",
      en: "Please tell me your nationality, the kind of document you hold, and when and through which port you plan to enter or leave.",
    },
  },
  {
    id: "private",
    name: { zh: "勿发证件号码", en: "No document numbers" },
    text: {
      zh: "为保护您的个人信息，请不要在这里发送证件号码、银行卡号、手机号或证件照片。",
      yue: "為咗保護你嘅個人資料，請唔好喺度發送證件號碼、銀行卡號、電話號碼或者證件相。",
      en: "To protect your personal data, please do not send document, bank card or phone numbers, or photos of documents, here.",
    },
  },
  {
    id: "case",
    name: { zh: "个案须到窗口", en: "Personal case" },
    text: {
      zh: "您问的是个人办件情况，在线咨询无法查询，请携带证件到受理您申请的出入境接待大厅办理，或拨打12367核实。",
      yue: "你問嘅係個人申請嘅情況，網上諮詢查唔到，請帶埋證件去受理你申請嘅出入境接待大廳，或者打12367核實。",
      en: "This concerns your personal application, which we cannot look up online. Please take your document to the exit-entry office that received it, or call 12367.",
    },
  },
  {
    id: "emergency",
    name: { zh: "紧急情况", en: "Emergency" },
    text: {
      zh: "如果您正有人身危险，请立即拨打110报警。",
      yue: "如果你而家有人身危險，請即刻打110報警。",
      en: "If you are in danger right now, please call 110 immediately.",
    },
  },
  {
    id: "anything",
    name: { zh: "还有其他问题吗", en: "Anything else" },
    text: {
      zh: "请问还有其他需要咨询的吗？",
      yue: "請問仲有冇其他嘢想查詢？",
      en: "Is there anything else I can help you with?",
    },
  },
  {
    id: "closing",
    name: { zh: "结束语", en: "Closing" },
    text: {
      zh: "感谢您的咨询，稍后请为本次服务评分，再见。",
      yue: "多謝你嘅查詢，等陣麻煩幫今次服務評分，再見。",
      en: "Thank you for contacting us. Please rate this service in a moment. Goodbye.",
    },
  },
];
