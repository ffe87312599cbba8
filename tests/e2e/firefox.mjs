// The main path in a real Firefox over WebDriver BiDi: open, ask, read the sourced answer, reload, read it again.
// Called by test_firefox.py: node firefox.mjs ADDRESS FIREFOX. Prints one JSON object.
import { createRequire } from "node:module";

const [address, executablePath] = process.argv.slice(2);
const require = createRequire(new URL("../../api/web/package.json", import.meta.url));
const puppeteer = require("puppeteer-core");

const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 360, height: 740 });
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(address);
  const text = (selector) =>
    page.evaluate((s) => {
      const rows = document.querySelector("consult-12367").shadowRoot.querySelectorAll(s);
      return [...rows].map((row) => row.textContent.trim());
    }, selector);
  // What happens inside a shadow root is no mutation of the document, so the page is looked at again and again.
  const inside = (selector) =>
    page.waitForSelector(`consult-12367 >>> ${selector}`, { timeout: 30_000, visible: true });
  await (await inside(".launcher")).click();
  await inside(".row.greeting");
  const box = await inside(".composer textarea");
  await box.type("办护照要多少钱");
  await box.press("Enter");
  await inside(".row.answer .sources");
  const answers = await text(".row.answer .text");
  await page.reload();
  await inside(".row.answer");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  console.log(JSON.stringify({ answers, again: await text(".row.answer .text"), width, faults }));
} finally {
  await browser.close();
}
