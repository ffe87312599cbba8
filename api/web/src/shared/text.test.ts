import { describe, expect, it } from "vitest";
import { foldPoint, fullText, pieces, readingLength, webAddress } from "./text";

const tels = (text: string): (string | undefined)[] => pieces(text).flatMap((piece) => (piece.tel ? [piece.tel] : []));

describe("pieces", () => {
  it.each([
    ["请拨打12367咨询", ["12367"]],
    ["from abroad +86-10-12367 or 12308", ["+861012367", "12308"]],
    ["紧急情况请拨打110，海关请致电 12360。", ["110", "12360"]],
    ["咨询电话 0755-84466777", ["075584466777"]],
    ["240 hours, 120 yuan, 110 km, 2026-12-31, flight CA123", []],
    ["ticket 12367-20261123-0007", []],
    ["证件号 1236712367", []],
  ])("%s", (text, expected) => {
    expect(tels(text)).toEqual(expected);
    expect(pieces(text).map((piece) => piece.text).join("")).toBe(text);
  });

  it("leaves markup and addresses as the text they are", () => {
    const text = '<img src=x onerror=alert(1)> https://example.com <a href="javascript:1">';
    expect(pieces(text)).toEqual([{ text }]);
  });
});

describe("foldPoint", () => {
  it("leaves short texts whole, and texts whose rest is not worth a button", () => {
    expect(foldPoint("护照可以换发。".repeat(20))).toBeNull();
    expect(foldPoint("字".repeat(260))).toBeNull();
  });

  it("cuts after a whole sentence within the limit", () => {
    const text = "这是一个完整的句子。".repeat(60);
    const point = foldPoint(text)!;
    expect(text.slice(0, point).endsWith("。")).toBe(true);
    expect(readingLength(text.slice(0, point))).toBeLessThanOrEqual(250);
    expect(point).toBeGreaterThan(200);
  });

  it("does not cut English at the dot of a number", () => {
    const text = `${"Fees are 4.5 yuan per page in all cases here. ".repeat(40)}`;
    expect(text.slice(0, foldPoint(text)!)).toMatch(/here\.$/);
  });
});

describe("fullText", () => {
  it("adds the second part of an answer where there is one", () => {
    expect(fullText({ text: "先说结论。" })).toBe("先说结论。");
    expect(fullText({ text: "先说结论。", more: "再说细节。" })).toBe("先说结论。\n\n再说细节。");
  });
});

describe("webAddress", () => {
  it("opens web pages only", () => {
    expect(webAddress("https://www.nia.gov.cn/x")).toBe("https://www.nia.gov.cn/x");
    for (const bad of ["javascript:alert(1)", "data:text/html,x", "/relative", "", null, undefined]) {
      expect(webAddress(bad)).toBeNull();
    }
  });
});
