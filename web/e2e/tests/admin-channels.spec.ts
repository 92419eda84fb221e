import { type Page } from "@playwright/test";

import { both } from "../src/axe.ts";
import { type World, expect, test } from "../src/fixtures.ts";
import { accept, agent, signIn } from "../src/people.ts";
import { APP_SECRET, TOKEN, Wechat } from "../src/wechat.ts";

const HOOK = "/hooks/shop-wx";

/** The administrator, who has no seat. */
async function root(world: World): Promise<Page> {
  const page = await world.person();
  await page.goto(`${world.centre.url}/console/`);
  await signIn(page, "root", "demo");
  await expect(page.getByRole("heading", { name: "Channels", level: 1 })).toBeVisible();
  return page;
}

/** Fills the second step in. */
async function fills(page: Page, wechat: Wechat, secret = APP_SECRET): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill("shop-wx");
  await page.getByLabel("Entry number").selectOption("2000");
  await page.getByLabel("Language of the centre's own lines").selectOption("en");
  await page.getByLabel("AppID").fill("wx1");
  await page.getByLabel("AppSecret", { exact: true }).fill(secret);
  await page.getByLabel("Token", { exact: true }).fill(TOKEN);
  await page.getByLabel("Another interface").fill(wechat.url);
}

async function tries(page: Page, to: string): Promise<void> {
  const form = page.getByRole("form", { name: "Test message" });
  await form.getByLabel("The person's id with the provider").fill(to);
  await form.getByRole("button", { name: "Send the test" }).click();
}

/** Whatever the centre answers this page. */
function answers(page: Page): string[] {
  const texts: string[] = [];
  page.on("response", (response) => {
    // What was taken over by another page has no body any more.
    if (response.url().includes("/api/")) void response.text().then((text) => texts.push(text), () => undefined);
  });
  return texts;
}

test("an administrator sets a channel up step by step, sees it verified and tried, and a customer is served by it", async ({ world }) => {
  const wechat = await Wechat.open(world, "shop-wx");
  const page = await root(world);
  const told = answers(page);
  await expect(page.getByText("No channel yet.")).toBeVisible();
  await page.getByRole("button", { name: "Add channel" }).click();
  await page.getByRole("radio", { name: /WeChat official account/ }).check();
  await page.getByRole("button", { name: "Next" }).click();

  // What is wrong is said when a field is left, and what is missing when it is saved.
  await page.getByLabel("Name", { exact: true }).fill("Shop WX");
  await page.getByRole("textbox", { name: /^EncodingAESKey/ }).fill("short");
  await page.getByLabel("Another interface").focus();
  await expect(page.getByText("It has 43 letters and digits.")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription(/and not kinds/);
  await page.getByRole("button", { name: "Generate: EncodingAESKey" }).click();
  await expect(page.getByRole("textbox", { name: /^EncodingAESKey/ })).toHaveValue(/^[A-Za-z0-9]{43}$/);
  await page.getByRole("textbox", { name: /^EncodingAESKey/ }).fill("");
  await fills(page, wechat);
  // Nobody leads away from it unasked.
  await page.getByRole("button", { name: "Board", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Save" }).click();

  await expect(page.getByRole("heading", { name: /Step 3 of 4/ })).toBeFocused();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy the address" }).click();
  await expect(page.getByText("Copied.")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${world.centre.url}${HOOK}`);
  await expect(page.getByText("that no provider reaches")).toBeVisible();
  await expect(page.getByText("Waiting for the provider's verification…")).toBeVisible();
  expect(await wechat.verifies("another-token")).toBe(403);
  await expect(page.getByText("A callback came whose signature does not fit")).toBeVisible();
  expect(await wechat.verifies()).toBe(200);
  await expect(page.getByText(/Verified at /)).toBeVisible();
  await expect(page.getByText("A callback came whose signature does not fit")).toHaveCount(0);

  await page.getByRole("button", { name: "Next" }).click();
  await tries(page, "ann-1");
  await expect(page.getByText("The provider has taken it.")).toBeVisible();
  expect(wechat.texts).toEqual(["This is a test message of the customer service."]);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Back to the channels" }).click();
  await expect(page.getByRole("row", { name: /shop-wx/ })).toContainText("Works");

  const alice = await agent(world, "alice");
  await wechat.writes("ann-1", "m1", "hello");
  await accept(alice, "Chat");
  await expect(alice.getByRole("log", { name: "Messages" })).toContainText("hello");
  const reply = alice.getByRole("textbox", { name: "Reply", exact: true });
  await reply.fill("Good day!");
  await reply.press("Enter");
  await wechat.reads("Good day!");

  expect(told.length).toBeGreaterThan(5);
  for (const secret of [APP_SECRET, TOKEN]) {
    expect(told.filter((text) => text.includes(secret))).toEqual([]);
    expect(await page.content()).not.toContain(secret);
    expect(world.centre.log()).not.toContain(secret);
  }
  wechat.end();
});

test("a wrong secret is told in the provider's words, mended, and what others change meanwhile is not written over", async ({ world }) => {
  const wechat = await Wechat.open(world, "shop-wx");
  world.centre.ask("channel", "add", "shop-wx", "--kind", "wechat", "--entry", "2000", "--lang", "en", "--account", "wx1",
    "--url", wechat.url, "--secret", `token=${TOKEN}`, "--secret", "app_secret=a-wrong-one");
  const page = await root(world);
  await page.getByRole("button", { name: "Open shop-wx" }).click();
  await tries(page, "ann-1");
  await expect(page.getByText("The provider does not take it now.")).toContainText("40125: invalid appsecret, rid: 65a1b2c3");
  await expect(page.getByText("Fails (1 in a row)")).toBeVisible();
  const fares = page.getByRole("region", { name: "How it fares" });
  await expect(fares).toContainText("The provider does not know the account, its secret or its token");
  await expect(fares).toContainText("none; the next message asks for one");

  await page.getByRole("button", { name: "Replace: AppSecret" }).click();
  await page.getByLabel("AppSecret", { exact: true }).fill(APP_SECRET);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").getByText("Saved.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Replace: AppSecret" })).toBeVisible();
  await tries(page, "ann-1");
  await expect(page.getByText("The provider has taken it.")).toBeVisible();
  await expect(fares).toContainText("good until");
  await expect(page.getByText("Waits for the provider").first()).toBeVisible();
  wechat.shut = true;
  await tries(page, "ann-1");
  await expect(page.getByText("The provider takes nothing for this person until they write.")).toBeVisible();

  // The operator is faster.
  await page.getByLabel("AppID").fill("wx2");
  world.centre.ask("channel", "set", "shop-wx", "--lang", "zh");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Somebody has changed or removed it meanwhile.")).toBeVisible();
  await page.getByRole("button", { name: "Look again" }).click();
  await expect(page.getByLabel("AppID")).toHaveValue("wx1");
  await expect(page.getByLabel("Language of the centre's own lines")).toHaveValue("zh");

  await page.getByRole("button", { name: "Remove channel" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog.getByRole("button", { name: "Remove channel" })).toBeDisabled();
  await dialog.getByLabel("Name of the channel").fill("shop-wx");
  await dialog.getByRole("button", { name: "Remove channel" }).click();
  await expect(page.getByText("No channel yet.")).toBeVisible();
  expect(await wechat.verifies()).toBe(404);
  wechat.end();
});

/** Presses Tab until the focus is where it should be. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let n = 0; n < 60; n++) {
    const label = await page.evaluate(() => {
      const at = document.activeElement;
      const own = at instanceof HTMLInputElement || at instanceof HTMLSelectElement ? (at.labels?.[0]?.textContent ?? "") : "";
      return at === null || at === document.body ? "" : (at.getAttribute("aria-label") ?? (own === "" ? (at.textContent ?? "") : own));
    });
    if (name.test(label)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no way to ${String(name)} by Tab`);
}

test("a channel is set up by the keyboard alone", async ({ world }) => {
  const page = await root(world);
  await tabTo(page, /^Add channel$/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: /Step 1 of 4/ })).toBeFocused();
  await tabTo(page, /^WeChat official account/);
  while (!(await page.getByRole("radio", { name: /^Telegram bot/ }).isChecked())) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: /Step 2 of 4/ })).toBeFocused();
  await tabTo(page, /^Name$/);
  await page.keyboard.type("shop-bot");
  await tabTo(page, /^Bot token/);
  await page.keyboard.type("12345:a-token");
  await tabTo(page, /^Generate: Secret of the callback$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^Another interface/);
  await page.keyboard.type("http://127.0.0.1:9");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: /Step 3 of 4/ })).toBeFocused();
  await tabTo(page, /^Next$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^The person's id with the provider$/);
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  // Nobody is there: it says so.
  await expect(page.getByText("The provider does not take it now.")).toContainText("it is not reached");
  await tabTo(page, /^Done$/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "shop-bot" })).toBeVisible();
});

test("axe finds nothing on the administrator's pages, light and dark, in English and Chinese; agents and supervisors have none", async ({ world }) => {
  test.slow();
  const found: string[] = [];
  const wechat = await Wechat.start(world, "shop-wx", "2000");
  await wechat.writes("ann-1", "m1", "hello");
  const page = await root(world);
  for (const lang of ["English", "Chinese"] as const) {
    const of = (english: string, chinese: string): string => (lang === "English" ? english : chinese);
    if (lang === "Chinese") {
      await page.evaluate(() => localStorage.setItem("ngcc.lang", "zh-CN"));
      await page.reload();
    }
    await expect(page.getByRole("row", { name: /shop-wx/ })).toBeVisible();
    await both(page, `list, ${lang}`, found);
    await page.getByRole("button", { name: of("Open shop-wx", "打开 shop-wx") }).click();
    await page.getByRole("button", { name: of("Remove channel", "移除渠道") }).click();
    await both(page, `removing, ${lang}`, found);
    await page.keyboard.press("Escape");
    await both(page, `one, ${lang}`, found);
    await page.getByRole("button", { name: of("Back to the channels", "返回渠道列表") }).click();
    await page.getByRole("button", { name: of("Add channel", "添加渠道") }).click();
    await both(page, `kinds, ${lang}`, found);
    await page.getByRole("button", { name: of("Next", "下一步") }).click();
    await page.getByRole("button", { name: of("Save", "保存") }).click();
    await both(page, `wrong fields, ${lang}`, found);
    await fillsIn(page, lang === "English" ? "one" : "two");
    await page.getByRole("button", { name: of("Save", "保存") }).click();
    await expect(page.getByText(of("Waiting for the provider's verification…", "正在等待平台验证……"))).toBeVisible();
    await both(page, `verification, ${lang}`, found);
    await page.getByRole("button", { name: of("Next", "下一步") }).click();
    await both(page, `test, ${lang}`, found);
    await page.getByRole("button", { name: of("Done", "完成") }).click();
    await page.getByRole("button", { name: of("Back to the channels", "返回渠道列表") }).click();
  }
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await expect(sue.getByRole("button", { name: "Board" })).toBeVisible();
  await expect(sue.getByRole("button", { name: "Admin" })).toHaveCount(0);
  expect(found).toEqual([]);
  wechat.end();
});

/** The fields by their own names, whatever the language. */
async function fillsIn(page: Page, name: string): Promise<void> {
  for (const [field, text] of [["name", name], ["account", "wx2"], ["app_secret", "x-y-z"], ["token", TOKEN]] as const) {
    await page.locator(`[data-field="${field}"]`).fill(text);
  }
}
