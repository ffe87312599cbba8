/** Names of divisions by code, for answers and entries that hold only in one place. */
import type { Language } from "./types";

/** code → zh, yue, en: every province, and the cities that have local content most often. */
const NAMES: Record<string, readonly [string, string, string]> = {
  "110000": ["北京", "北京", "Beijing"], "120000": ["天津", "天津", "Tianjin"], "130000": ["河北", "河北", "Hebei"],
  "140000": ["山西", "山西", "Shanxi"], "150000": ["内蒙古", "內蒙古", "Inner Mongolia"],
  "210000": ["辽宁", "遼寧", "Liaoning"], "220000": ["吉林", "吉林", "Jilin"],
  "230000": ["黑龙江", "黑龍江", "Heilongjiang"], "310000": ["上海", "上海", "Shanghai"],
  "320000": ["江苏", "江蘇", "Jiangsu"], "330000": ["浙江", "浙江", "Zhejiang"], "340000": ["安徽", "安徽", "Anhui"],
  "350000": ["福建", "福建", "Fujian"], "360000": ["江西", "江西", "Jiangxi"], "370000": ["山东", "山東", "Shandong"],
  "410000": ["河南", "河南", "Henan"], "420000": ["湖北", "湖北", "Hubei"], "430000": ["湖南", "湖南", "Hunan"],
  "440000": ["广东", "廣東", "Guangdong"], "450000": ["广西", "廣西", "Guangxi"], "460000": ["海南", "海南", "Hainan"],
  "500000": ["重庆", "重慶", "Chongqing"], "510000": ["四川", "四川", "Sichuan"], "520000": ["贵州", "貴州", "Guizhou"],
  "530000": ["云南", "雲南", "Yunnan"], "540000": ["西藏", "西藏", "Xizang"], "610000": ["陕西", "陝西", "Shaanxi"],
  "620000": ["甘肃", "甘肅", "Gansu"], "630000": ["青海", "青海", "Qinghai"], "640000": ["宁夏", "寧夏", "Ningxia"],
  "650000": ["新疆", "新疆", "Xinjiang"], "710000": ["台湾", "台灣", "Taiwan"],
  "810000": ["香港", "香港", "Hong Kong"], "820000": ["澳门", "澳門", "Macao"],
  "440100": ["广州", "廣州", "Guangzhou"], "440300": ["深圳", "深圳", "Shenzhen"], "440400": ["珠海", "珠海", "Zhuhai"],
  "440600": ["佛山", "佛山", "Foshan"], "440700": ["江门", "江門", "Jiangmen"], "441300": ["惠州", "惠州", "Huizhou"],
  "441900": ["东莞", "東莞", "Dongguan"], "442000": ["中山", "中山", "Zhongshan"], "450300": ["桂林", "桂林", "Guilin"],
  "350200": ["厦门", "廈門", "Xiamen"], "460100": ["海口", "海口", "Haikou"], "460200": ["三亚", "三亞", "Sanya"],
  "532800": ["西双版纳", "西雙版納", "Xishuangbanna"], "330100": ["杭州", "杭州", "Hangzhou"],
  "320100": ["南京", "南京", "Nanjing"], "510100": ["成都", "成都", "Chengdu"], "610100": ["西安", "西安", "Xi'an"],
};

/** `440300` → 深圳, 深圳, Shenzhen; a city not in the table is named by its province and code. */
export function regionName(code: string, language: Language): string {
  const column = { zh: 0, yue: 1, en: 2 }[language];
  const exact = NAMES[code]?.[column];
  if (exact) return exact;
  const province = NAMES[`${code.slice(0, 2)}0000`]?.[column];
  return province ? `${province} ${code}` : code;
}
