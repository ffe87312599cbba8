/** The words of the button alone: they are there before the rest of the widget is loaded. */
import { defineStrings } from "../shared/i18n";

export const words = defineStrings({
  zh: { launcher: "在线咨询", open: "打开 12367 在线咨询", unloaded: "没能打开，请再试一次，或拨打 12367" },
  yue: { launcher: "網上諮詢", open: "打開 12367 網上諮詢", unloaded: "開唔到，請再試，或者打 12367" },
  en: {
    launcher: "Ask 12367",
    open: "Ask 12367: open the consultation window",
    unloaded: "Could not be opened. Please try again, or call 12367",
  },
});
