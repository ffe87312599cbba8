import { beforeEach, describe, expect, it } from "vitest";
import { SEAT, fakeClient, type Answers } from "../testing";
import { language } from "../ui";
import { chart, eachDay, niceStep } from "./chart";
import { startDraft, type Office } from "./context";
import { once } from "../coalesce";
import { Editing } from "./editing";
import { faultText } from "./faults";
import { addWordings, emptyForm, fromEntry, lines, repeated, sameForm, toDraft, type Form } from "./form";
import { differences, merged } from "./merge";
import { calledIn } from "./names";
import { formatPlace, isKnowledge, parsePlace, Places, type Place } from "./place";
import { DraftShelf } from "./shelf";
import type { Entry, EntryDetail } from "./types";

const ENTRY: Entry = {
  id: "passport-fee", version: 2, area: "documents", topic: "passport", status: "published", region: null,
  questions: { zh: ["护照多少钱", "办护照收费"], yue: ["護照幾多錢"], en: ["How much is a passport?"] },
  answer: { zh: "120元。", yue: "120蚊。", en: "120 yuan." }, more: { zh: "可刷卡。" }, audience: "everyone", authority: "nia",
  sources: [{ title: { zh: "收费标准" }, url: null, date: "2019-07" }], general: false, valid_from: null, valid_to: "2026-12-31",
  review_by: "2027-01-01", supersedes: null, related: ["passport-lost"], needs: ["city"], facts: ["pp-fee"], review: null, owner: "12367",
};

describe("form", () => {
  it("gives back what the entry said", () => {
    const { version: _version, status: _status, review: _review, ...content } = ENTRY;
    expect(toDraft(fromEntry(ENTRY))).toEqual(content);
  });

  it("leaves out empty texts and lines, and wordings that stand there twice", () => {
    const form = emptyForm();
    form.questions.zh = " 护照 \n\n护照\n签证";
    form.answer.en = "  ";
    expect(toDraft(form)).toMatchObject({ questions: { zh: ["护照", "签证"] }, answer: {}, region: null, related: [] });
  });

  it("finds wordings that search could not tell apart", () => {
    expect(repeated("护照多少钱\n护照多少钱？\nＶｉｓａ fee\nvisa fee\n签证")).toEqual(["护照多少钱？", "visa fee"]);
    expect(lines(addWordings("护照多少钱\n", ["护照多少钱?", "多少钱 ", "多少钱"]))).toEqual(["护照多少钱", "多少钱"]);
  });
});

describe("two texts of one entry", () => {
  const change = (edit: (form: Form) => void): Form => {
    const form = fromEntry(ENTRY);
    edit(form);
    return form;
  };
  const base = fromEntry(ENTRY);

  it("take each side's own changes, and ask where both changed", () => {
    const mine = change((form) => { form.answer.zh = "我的"; form.answer.en = "Mine"; });
    const theirs = change((form) => { form.answer.zh = "他的"; form.topic = "fees"; });
    const found = differences(base, mine, theirs);
    expect(found.map(({ path, clash, taken }) => [path, clash, taken])).toEqual([
      ["topic", false, "theirs"], ["answer.zh", true, "mine"], ["answer.en", false, "mine"],
    ]);
    expect(merged(mine, theirs, found)).toEqual(change((form) => {
      form.answer.zh = "我的"; form.answer.en = "Mine"; form.topic = "fees";
    }));
  });

  it("become the other's where every side chosen is theirs, and mine where none is", () => {
    const mine = change((form) => { form.facts = ["x"]; form.questions.yue = ""; });
    const theirs = change((form) => { form.general = true; form.sources = []; });
    const found = differences(base, mine, theirs);
    expect(merged(mine, theirs, found.map((one) => ({ ...one, taken: "theirs" })))).toEqual(theirs);
    expect(merged(mine, theirs, found.map((one) => ({ ...one, taken: "mine" })))).toEqual(mine);
  });
});

describe("places", () => {
  it("read back every address that they write", () => {
    const places: Place[] = [
      { page: "entries", id: null, query: { topic: "passport", q: "签 证&" } }, { page: "entry", id: "a-b", query: {} },
      { page: "new", id: "n1", query: {} }, { page: "traffic", id: "a/b", query: {} },
    ];
    for (const place of places) expect(parsePlace(formatPlace(place))).toEqual(place);
    expect(parsePlace("#/k")).toEqual({ page: "entries", id: null, query: {} });
    expect(parsePlace("#/k/entry")).toMatchObject({ page: "entries" });
    expect(parsePlace("#/k/%E0%A4%A/x")).toMatchObject({ page: "entries" });
    expect([isKnowledge("#/k"), isKnowledge("#/k/find"), isKnowledge("#/t/k"), isKnowledge("#/kk")]).toEqual([true, true, false, false]);
  });
});

describe("chart", () => {
  it("has a place for every day, and bars that add up", () => {
    const days = [{ day: "2026-11-02", answers: { zh: 3, en: 1 }, helpful: 0, unhelpful: 0 }];
    const { bars, scale } = chart(days, "2026-11-01", "2026-11-03", 300, 100);
    expect(bars.map((bar) => bar.day)).toEqual(["2026-11-01", "2026-11-02", "2026-11-03"]);
    expect(bars[0]!.parts).toEqual([]);
    expect(bars[1]!.parts.map((part) => [part.language, part.y, part.height])).toEqual([["zh", 25, 75], ["en", 0, 25]]);
    expect(scale.at(-1)).toEqual({ value: 4, y: 0 });
  });

  it("keeps its labels apart and its scale whole", () => {
    expect(chart([], "2025-11-25", "2026-11-25", 320, 100).bars.filter((bar) => bar.label)).toHaveLength(8);
    expect([0.2, 1, 1.2, 3, 7, 12, 450].map(niceStep)).toEqual([1, 1, 2, 5, 10, 20, 500]);
    expect(eachDay("2026-02-27", "2026-03-01")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  });
});

describe("names", () => {
  it("come from the gateway; without one it is the code", () => {
    const topics = [{ code: "passport", zh: "护照", en: "Passports" }];
    expect([calledIn(topics, "passport"), calledIn(topics, "new_topic"), calledIn(undefined, "passport")]).toEqual(["护照", "new_topic", "passport"]);
  });
});

describe("an entry under an editor's hands", () => {
  const detail = (entry: Entry): EntryDetail => ({
    entry, in_force: 2, moves: [], plans: [], may_edit: true,
    versions: [{ version: entry.version, status: "draft", in_force: false, proposal: false, base: 2, writer: "anna", created_at: "2026-11-25T00:00:00Z", note: null, review: null, history: [] }],
  });
  let answers: Answers;
  let shelf: DraftShelf;

  function office(): Office & { bodies: unknown[] } {
    const { client, bodies } = fakeClient(answers);
    return {
      seat: SEAT, client, bodies, shelf, places: new Places(), tell: () => undefined, call: (work) => work(client),
      references: once(async () => { throw new Error("not asked for"); }),
    };
  }

  beforeEach(() => {
    localStorage.clear();
    location.hash = "";
    shelf = new DraftShelf(localStorage, "me");
    answers = {
      "GET /v1/editor/entries/passport-fee": () => ({ body: detail(ENTRY) }),
      "POST /v1/editor/check": () => ({ body: { storable: true, publishable: false, faults: [{ field: "facts", message: "none" }] } }),
      "POST /v1/insights/preview": () => ({ body: { messages: {} } }),
    };
  });

  it("keeps unsaved text over a reload, and forgets it when it was saved", async () => {
    const first = new Editing(office(), "passport-fee", false);
    await first.open();
    first.state.form.answer.zh = "160元。";
    first.keep();
    const second = new Editing(office(), "passport-fee", false);
    await second.open();
    expect(second.state.form.answer.zh).toBe("160元。");
    expect(second.state.restored).not.toBeNull();
    const saved = { ...ENTRY, version: 3, answer: { ...ENTRY.answer, zh: "160元。" } };
    answers["PUT /v1/editor/entries/passport-fee"] = (body) => {
      expect(body).toMatchObject({ base: 2, note: "价格变了", entry: { answer: { zh: "160元。" } } });
      return { body: detail(saved) };
    };
    expect(await second.save("价格变了")).toBe(true);
    expect([second.state.base, second.dirty, shelf.read("passport-fee")]).toEqual([3, false, null]);
  });

  it("loses nothing when somebody saved meanwhile, and goes on with both", async () => {
    const mine = new Editing(office(), "passport-fee", false);
    await mine.open();
    mine.state.form.answer.zh = "我的";
    mine.keep();
    const theirs = { ...ENTRY, version: 3, answer: { ...ENTRY.answer, en: "Theirs." } };
    answers["PUT /v1/editor/entries/passport-fee"] = () => ({ status: 409, body: { type: "/problems/edited-meanwhile", status: 409, title: "Conflict", detail: "anna" } });
    answers["GET /v1/editor/entries/passport-fee"] = () => ({ body: detail(theirs) });
    expect(await mine.save("")).toBe(false);
    expect(mine.state.form.answer.zh).toBe("我的");
    expect(mine.state.conflict?.differences.map((one) => one.path)).toEqual(["answer.zh", "answer.en"]);
    mine.settle();
    expect(mine.state).toMatchObject({ base: 3, conflict: null });
    expect(mine.state.form.answer).toEqual({ zh: "我的", yue: "120蚊。", en: "Theirs." });
    expect(shelf.read("passport-fee")?.base).toBe(3);
  });

  it("shows the faults of a refused text, and keeps the text", async () => {
    const fresh = new Editing(office(), "n1", true);
    await fresh.open();
    fresh.state.form.id = "Bad Id";
    answers["POST /v1/editor/entries"] = () => ({ status: 422, body: { type: "/problems/invalid-entry", status: 422, title: "", detail: "id", errors: [{ field: "id", message: "words" }] } });
    expect(await fresh.save("")).toBe(false);
    expect(fresh.state.faults).toEqual([{ field: "id", message: "words" }]);
    expect(fresh.state.form.id).toBe("Bad Id");
  });

  it("makes a draft of questions with one click, onto what is not saved yet", () => {
    const here = office();
    startDraft(here, { zh: ["护照贵不贵", "护照多少钱"] }, ENTRY);
    startDraft(here, { en: ["passport price"] }, ENTRY);
    const kept = shelf.read("passport-fee")!;
    expect(kept.base).toBe(2);
    expect(kept.form.questions).toMatchObject({ zh: "护照多少钱\n办护照收费\n护照贵不贵", en: "How much is a passport?\npassport price" });
    expect(here.places.place).toMatchObject({ page: "entry", id: "passport-fee" });
    startDraft(here, { yue: ["帶貓入境"] });
    expect(here.places.place.page).toBe("new");
    expect(shelf.waiting()).toHaveLength(2);
  });

  it("still holds the text while the page lives where the browser keeps nothing", () => {
    const poor = new DraftShelf(null, "me");
    expect(poor.keep("a", emptyForm(), 0)).toBe(false);
    expect(sameForm(poor.read("a")!.form, emptyForm())).toBe(true);
    expect(poor.waiting().map((one) => one.key)).toEqual(["a"]);
    poor.drop("a");
    expect(poor.read("a")).toBeNull();
  });

  it("does not show one editor's texts to another", () => {
    shelf.keep("a", emptyForm(), 0);
    expect(new DraftShelf(localStorage, "other").waiting()).toEqual([]);
  });
});

describe("faults", () => {
  it("are told in Chinese where they are known, and as they came where not", () => {
    language.value = "zh";
    expect(faultText("fewer than 12 wordings: zh 3, en 1")).toBe("问法少于 12 种：zh 3, en 1");
    expect(faultText("yue: 300 characters is over 250; move the rest into `more`")).toBe("yue：300 characters，超过 250，其余移到“更多说明”");
    expect(faultText("something new")).toBe("something new");
    language.value = "en";
    expect(faultText("a text is missing here")).toBe("a text is missing here");
    language.value = "zh";
  });
});
