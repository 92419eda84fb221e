import { type Page } from "@playwright/test";

import { both } from "../src/axe.ts";
import { AGENT_HZ, CUSTOMER_HZ, agent, calling, accept, customer, openChat, signIn, statePill, write } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { hears, seesColour } from "../src/senses.ts";
import { invite, talk } from "../src/sharing.ts";

test("axe finds nothing on the console's pages, light and dark", async ({ world }) => {
  test.slow();
  const found: string[] = [];
  const alice = await world.person({ hz: AGENT_HZ });
  await alice.goto(`${world.centre.url}/console/`);
  await expect(alice.getByLabel("User name")).toBeVisible();
  await both(alice, "sign-in", found);
  await signIn(alice, "alice", "demo");
  await expect(alice.getByRole("button", { name: "Start – go Ready" })).toBeVisible();
  await both(alice, "start", found);
  await alice.getByRole("button", { name: "Start – go Ready" }).click();
  await expect(statePill(alice)).toContainText("Ready");
  await both(alice, "inbox", found);
  for (const place of ["Team", "History", "Settings"]) {
    await alice.getByRole("button", { name: place, exact: true }).click();
    await expect(alice.getByRole("main")).toBeVisible();
    await both(alice, place, found);
  }
  await alice.getByRole("button", { name: "Inbox" }).click();
  const visitor = await customer(world);
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await expect(alice.getByRole("region", { name: "Chat", exact: true })).toBeVisible();
  await both(alice, "offer", found);
  await accept(alice, "Chat");
  await expect(alice.getByRole("log", { name: "Messages" })).toContainText("hello");
  await both(alice, "chat", found);
  const caller = await calling(world, "2000");
  await accept(alice);
  await hears(alice, CUSTOMER_HZ);
  await both(alice, "call", found);
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(alice.getByRole("complementary", { name: "Wrap-up" })).toBeVisible();
  await both(alice, "wrap-up", found);
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await sue.getByRole("button", { name: "Board" }).click();
  await expect(sue.getByRole("row", { name: /Alice/ })).toBeVisible();
  await both(sue, "board", found);
  expect(found).toEqual([]);
});

test("axe finds nothing on the customer's pages, light and dark, in English and Chinese", async ({ world }) => {
  test.slow();
  const found: string[] = [];
  await agent(world, "alice");
  const visitor = await customer(world);
  await expect(visitor.getByRole("button", { name: "Chat with us" })).toBeVisible();
  await both(visitor, "widget closed", found);
  await openChat(visitor);
  await expect(visitor.getByRole("button", { name: "Sales" })).toBeVisible();
  await both(visitor, "widget chat", found);
  await visitor.getByRole("button", { name: "Menu" }).click();
  await visitor.getByRole("menuitem", { name: "中文" }).click();
  await both(visitor, "widget chat, Chinese", found);
  const hub = await world.person();
  await hub.goto(`${world.centre.url}/demo`);
  await both(hub, "hub", found);
  const caller = await calling(world, "1000");
  await expect(caller.getByText("Automatic").first()).toBeVisible();
  await both(caller, "call", found);
  expect(found).toEqual([]);
});

/** Presses Tab until the focus is where it should be. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let n = 0; n < 60; n++) {
    const label = await page.evaluate(() => {
      const at = document.activeElement;
      return at === null || at === document.body ? "" : (at.getAttribute("aria-label") ?? at.textContent ?? "");
    });
    if (name.test(label)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no Tab leads to ${String(name)}`);
}

test("an agent signs in, takes a call, holds it, hangs up and wraps up by keyboard alone", async ({ world }) => {
  const alice = await world.person({ hz: AGENT_HZ });
  await alice.goto(`${world.centre.url}/console/`);
  await expect(alice.getByLabel("User name")).toBeFocused();
  await alice.keyboard.type("alice");
  await alice.keyboard.press("Tab");
  await alice.keyboard.type("demo");
  await alice.keyboard.press("Enter");
  await expect(alice.getByRole("button", { name: "Start – go Ready" })).toBeFocused();
  await alice.keyboard.press("Enter");
  await expect(statePill(alice)).toContainText("Ready");
  const caller = await calling(world, "2000");
  await expect(alice.getByRole("region", { name: "Call", exact: true })).toBeVisible();
  await alice.keyboard.press("Alt+a");
  await hears(caller, AGENT_HZ);
  await alice.keyboard.press("Alt+h");
  await expect(statePill(alice)).toContainText("On hold");
  await tabTo(alice, /^Resume$/);
  await alice.keyboard.press("Enter");
  await expect(statePill(alice)).toContainText("Talking");
  await alice.keyboard.press("Alt+x");
  await alice.keyboard.press("Alt+x");
  await expect(alice.getByRole("combobox", { name: "What was it about?" })).toBeFocused();
  await alice.keyboard.type("quest");
  await alice.keyboard.press("Enter");
  await alice.keyboard.press("Alt+w");
  await expect(statePill(alice)).toContainText("Ready");
});

/** A console in Chinese. */
async function inChinese(page: Page, url: string): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("ngcc.lang", "zh-CN"));
  await page.goto(`${url}/console/`);
}

test("axe finds nothing on the console's pages in Chinese, light and dark", async ({ world }) => {
  test.slow();
  const found: string[] = [];
  const alice = await world.person({ hz: AGENT_HZ });
  await inChinese(alice, world.centre.url);
  await expect(alice.locator("html")).toHaveAttribute("lang", "zh-CN");
  await both(alice, "sign-in", found);
  await alice.getByLabel("用户名").fill("alice");
  await alice.getByLabel("密码").fill("demo");
  await alice.getByRole("button", { name: "登录", exact: true }).click();
  await expect(alice.getByRole("button", { name: "开始 – 进入就绪" })).toBeVisible();
  await both(alice, "start", found);
  await alice.getByRole("button", { name: "开始 – 进入就绪" }).click();
  await expect(alice.getByRole("button", { name: /^状态/ })).toContainText("就绪");
  await both(alice, "inbox", found);
  for (const place of ["同事", "历史", "设置"]) {
    await alice.getByRole("button", { name: place, exact: true }).click();
    await expect(alice.getByRole("main")).toBeVisible();
    await both(alice, place, found);
  }
  await alice.keyboard.press("?");
  await expect(alice.getByRole("dialog")).toBeVisible();
  await both(alice, "shortcuts", found);
  await alice.keyboard.press("Escape");
  await alice.getByRole("button", { name: "客户", exact: true }).click();
  const visitor = await customer(world);
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  const offer = alice.getByRole("region", { name: "聊天请求", exact: true });
  await expect(offer).toBeVisible();
  await both(alice, "offer", found);
  await offer.getByRole("button", { name: /^接受/ }).click();
  await expect(alice.getByRole("log", { name: "消息" })).toContainText("hello");
  await both(alice, "chat", found);
  const caller = await calling(world, "2000");
  await alice.getByRole("region", { name: "来电", exact: true }).getByRole("button", { name: /^接受/ }).click();
  await hears(alice, CUSTOMER_HZ);
  await both(alice, "call", found);
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(alice.getByRole("complementary", { name: "整理" })).toBeVisible();
  await both(alice, "wrap-up", found);
  const sue = await world.person();
  await inChinese(sue, world.centre.url);
  await sue.getByLabel("用户名").fill("sue");
  await sue.getByLabel("密码").fill("demo");
  await sue.getByRole("button", { name: "登录", exact: true }).click();
  await sue.getByRole("button", { name: "看板" }).click();
  await expect(sue.getByRole("row", { name: /Alice/ })).toBeVisible();
  await both(sue, "board", found);
  expect(found).toEqual([]);
});

test("axe finds nothing on the shop's pages, the call page and the hub in Chinese, light and dark", async ({ world }) => {
  test.slow();
  const found: string[] = [];
  const context = await world.person({ hz: CUSTOMER_HZ });
  await context.addInitScript(() => localStorage.setItem("demo-lang", "zh-CN"));
  for (const path of ["/demo", "/demo/shop/?lang=zh-CN", "/demo/shop/product.html?lang=zh-CN", "/demo/shop/cart.html?lang=zh-CN", "/demo/shop/about.html?lang=zh-CN", "/widget/call.html?entry=1000&lang=zh-CN"]) {
    await context.goto(`${world.centre.url}${path}`);
    await expect(context.locator("html")).toHaveAttribute("lang", "zh-CN");
    // The call page is drawn by what it loads.
    await expect(context.getByRole("heading", { level: 1 }).first()).toBeVisible();
    await both(context, path, found);
  }
  await context.getByRole("button", { name: "开始通话" }).click();
  await expect(context.getByRole("button", { name: "挂断" })).toBeVisible();
  await both(context, "call", found);
  expect(found).toEqual([]);
});

test("axe finds nothing where a screen is asked for and shown, light and dark", async ({ world }) => {
  test.slow();
  const found: string[] = [];
  const { alice, visitor } = await talk(world, undefined, undefined, { screen: "rgb(20, 160, 60)" });
  await invite(alice, "Customer's screen");
  const asked = visitor.getByRole("alertdialog", { name: "Alice asks to see your screen" });
  await expect(asked).toBeVisible();
  await both(visitor, "asked for the screen", found);
  await both(alice, "waits for the screen", found);
  await asked.getByRole("button", { name: "Choose what to show" }).click();
  await expect(visitor.getByRole("region", { name: "Your screen" })).toContainText("sees your screen");
  await seesColour(alice, [20, 160, 60]);
  await both(visitor, "shows the screen", found);
  await both(alice, "sees the screen", found);
  expect(found).toEqual([]);
});
