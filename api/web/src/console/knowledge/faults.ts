/** What the gateway finds wrong, in Chinese for Chinese editors; a sentence that is new here is shown as it came. */
import { language } from "../ui";

const CHINESE: readonly (readonly [RegExp, string])[] = [
  [/^no wording in (.+)$/, "缺少问法：$1"],
  [/^fewer than (\d+) wordings: (.+)$/, "问法少于 $1 种：$2"],
  [/^no text in (.+)$/, "缺少文字：$1"],
  [/^the (\w+) text is missing$/, "缺少文字：$1"],
  [/^(\w+): (.+) is over (\d+); move the rest into `more`$/, "$1：$2，超过 $3，其余移到“更多说明”"],
  [/^'(.+)' also stands under (.+)$/, "“$1”也是 $2 的问法"],
  [/^(\w+) '(.+)' also stands under (.+)$/, "$1 “$2”也是 $3 的问法"],
  [/^'(.+)' is no division code$/, "“$1”不是区划代码"],
  [/^'(.+)' is no other entry$/, "“$1”不是其他条目"],
  [/^'(.+)' is no entry( that was ever published)?$/, "“$1”不是发布过的条目"],
  [/^goes round in a circle at '(.+)'$/, "取代关系在“$1”处成环"],
  [/^a day for the next review is missing$/, "请填复核日"],
  [/^lies before the last review$/, "早于上次审核"],
  [/^lies after valid_to.*$/, "晚于截止日：来不及确认政策是否延续"],
  [/^lies after (\S+) although a fact is volatile$/, "引用了易变的事实，不得晚于 $1"],
  [/^lies before valid_from$/, "早于生效日"],
  [/^an answer rests on at least one fact$/, "至少引用一条事实"],
  [/^'(.+)' is not in the fact sheet$/, "事实表中没有“$1”"],
  [/^is true when, and only when, every fact is general$/, "所引事实全部为一般性时勾选，否则不勾选"],
  [/^a text is missing here$/, "此处必填"],
  [/^'(.*)' is not lower-case words joined by hyphens$/, "“$1”不是用连字符连接的小写英文词"],
  [/^'(.*)' is no date \(YYYY-MM-DD\)$/, "“$1”不是日期"],
  [/^at least one wording is needed.*$/, "至少要有一种问法"],
  [/^a mapping of languages to texts is expected$/, "至少写一种语言"],
  [/^the Chinese text is missing: others fall back to it$/, "缺少中文：其他语言缺文时用它"],
  [/^'(.+)' is no web address$/, "“$1”不是网址"],
  [/^'(.+)' is neither a date nor a year and month$/, "“$1”不是日期或年月"],
  [/^is longer than (\d+) characters$/, "超过 $1 个字符"],
];

/** Sentences that speak of the interface rather than of the page. */
const ENGLISH: readonly (readonly [RegExp, string])[] = [
  [/^a mapping of languages to texts is expected$/, "write it in at least one language"],
  [/^a list of texts is expected$/, "write at least one"],
];

export function faultText(message: string): string {
  const known = (language.value === "en" ? ENGLISH : CHINESE).find(([pattern]) => pattern.test(message));
  return known ? message.replace(known[0], known[1]) : message;
}
