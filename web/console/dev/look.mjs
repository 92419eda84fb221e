// Takes the pictures of every screen from `dev/serve.mjs`: `node dev/look.mjs <url> <folder> [light|dark] [en|zh-CN]`.
// Ends with an error if a page said anything on its console, asked a foreign host or has a finding of axe.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, folder, theme = "light", lang = "en"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const origin = new URL(url).origin;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
});
const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
await context.addInitScript(([t, l]) => {
  localStorage.setItem("ngcc.theme", t);
  localStorage.setItem("ngcc.lang", l);
}, [theme, lang]);
const page = await context.newPage();
const said = [];
page.on("console", (m) => ["error", "warning"].includes(m.type()) && said.push(`${m.type()}: ${m.text()}`));
page.on("pageerror", (e) => said.push(`page: ${e.message}`));
page.on("request", (r) => !r.url().startsWith(origin) && !r.url().startsWith("blob:") && said.push(`foreign: ${r.url()}`));
let n = 0;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shot = async (name) => {
  await page.waitForTimeout(250);
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const v of found.violations) said.push(`${name}: ${v.id} (${v.impact}) ${v.nodes.map((x) => x.target.join(" ")).slice(0, 3).join(" | ")} ${v.nodes[0]?.any[0]?.message ?? ""}`);
  await page.screenshot({ path: join(folder, `${String(++n).padStart(2, "0")}-${name}.png`) });
};
const scene = (name) => page.request.post(`${origin}/dev/${name}`);
const fill = async (user) => {
  await page.locator("input").nth(0).fill(user);
  await page.locator("input").nth(1).fill("demo");
  await page.keyboard.press("Enter");
};

await page.goto(url);
await page.waitForSelector("form");
await shot("sign-in");
await fill("alice");
await page.waitForSelector("[role=dialog]");
await shot("start");
await page.keyboard.press("Enter");
await page.waitForSelector("[role=dialog]", { state: "detached" });
await shot("ready");
await page.keyboard.press("Alt+s");
await shot("state-menu");
await page.keyboard.press("Escape");
await scene("offer-voice");
await page.waitForTimeout(700);
await shot("offer");
await page.keyboard.press("Alt+a");
await page.waitForTimeout(400);
await shot("call");
await page.keyboard.press("Alt+t");
await shot("transfer");
await page.keyboard.press("Escape");
await page.waitForTimeout(300);
await page.keyboard.press("Alt+i");
await shot("to-automation-choice");
await page.keyboard.press("Escape");
await page.waitForTimeout(300);
await scene("offer-chat");
await page.waitForTimeout(300);
await page.keyboard.press("Alt+a");
await page.waitForTimeout(300);
await page.keyboard.press("Alt+2");
await scene("customer");
await scene("typing");
await page.keyboard.press("Alt+l");
await page.keyboard.type("I will look at once.");
await page.keyboard.press("Enter");
await page.keyboard.type("/");
await shot("chat-canned");
await page.keyboard.press("Escape");
await page.keyboard.press("Alt+p");
await page.keyboard.type("Knows the order number");
await page.keyboard.press("Enter");
await scene("gone");
await shot("chat-gone");
await scene("cut");
await page.waitForTimeout(60);
await shot("reconnecting");
await page.waitForTimeout(1500);
await page.keyboard.press("Escape");
await page.keyboard.press("Alt+1");
await page.keyboard.press("Alt+x");
await page.keyboard.press("Alt+x");
await page.waitForTimeout(400);
await shot("wrap-up");
await scene("im");
await page.locator("nav button").nth(1).click();
await page.waitForTimeout(300);
await page.locator("nav li button").first().click();
await shot("team");
await page.locator("nav button").nth(2).click();
await page.waitForTimeout(500);
await page.locator("td button").first().click().catch(() => undefined);
await shot("history");
await page.locator("nav button").nth(3).click();
await page.waitForTimeout(300);
await shot("settings");
await page.keyboard.press("?");
await shot("help");
await page.keyboard.press("Escape");
await page.waitForTimeout(300);
await page.keyboard.press("Control+k");
await shot("palette");
await page.keyboard.press("Escape");
await page.waitForTimeout(300);
await scene("replace");
await shot("replaced");
await context.request.post(`${origin}/api/v1/sign-out`, { data: {} });
await page.goto(url);
await fill("sue");
await page.waitForTimeout(600);
await page.locator("nav button").nth(1).click();
await page.waitForTimeout(500);
await shot("board");
await browser.close();
if (said.length > 0) {
  console.error([...new Set(said)].join("\n"));
  process.exit(1);
}
