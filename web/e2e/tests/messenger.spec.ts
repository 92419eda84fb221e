// The team's chat: groups, mentions, what is unread, search, marks of reading, files.

import type { Locator, Page } from "@playwright/test";

import { agent, signIn } from "../src/people.ts";
import { both } from "../src/axe.ts";
import { type World, expect, test } from "../src/fixtures.ts";

const list = (page: Page): Locator => page.getByRole("navigation", { name: "People and groups" });
const row = (page: Page, name: string): Locator => list(page).getByRole("button", { name: new RegExp(`^${name}`) });
const log = (page: Page): Locator => page.getByRole("log");

/** Sue serves nobody: she is not asked about it. */
async function supervisor(world: World): Promise<Page> {
  const page = await world.person();
  await page.goto(`${world.centre.url}/console/`);
  await signIn(page, "sue", "demo");
  return page;
}

async function team(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Team/ }).click();
  await expect(list(page)).toBeVisible();
}

async function write(page: Page, text: string): Promise<void> {
  const box = page.getByRole("textbox", { name: /^Write to / });
  await box.fill(text);
  await box.press("Enter");
}

async function group(page: Page, name: string, people: string[]): Promise<void> {
  await list(page).getByRole("button", { name: "New group" }).click();
  const dialog = page.getByRole("dialog", { name: "New group" });
  await dialog.getByLabel("Name of the group").fill(name);
  for (const one of people) await dialog.getByRole("checkbox", { name: one }).check();
  await dialog.getByRole("button", { name: "Make the group" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

test("s1_08 three in a group: everybody has every line, who is named sees it and still does after a reload, and who leaves gets no more", async ({ world }) => {
  const alice = await agent(world, "alice", {}, false);
  const bob = await agent(world, "bob", {}, false);
  const sue = await supervisor(world);
  await team(alice);
  await group(alice, "Night shift", ["Bob", "Sue"]);
  await expect(alice.getByText("Members: 3")).toBeVisible();
  const box = alice.getByRole("textbox", { name: "Write to Night shift" });
  await box.pressSequentially("Who takes Monday, @b");
  await expect(alice.getByRole("option")).toHaveText(["Bob"]);
  await box.press("Enter");
  await box.press("Enter");
  await expect(log(alice).locator("mark", { hasText: "@Bob" })).toBeVisible();
  await expect(bob.getByText("Alice mentioned you")).toBeVisible();
  await expect(bob.getByRole("button", { name: "Team, 1 unread" })).toBeVisible();
  await bob.reload();
  await team(bob);
  await expect(row(bob, "Night shift").getByLabel("1 unread, you are mentioned")).toBeVisible();
  await row(bob, "Night shift").click();
  await expect(log(bob)).toContainText("Alice made the group “Night shift”");
  await expect(log(bob).locator("mark", { hasText: "@Bob" })).toHaveAttribute("data-me", "true");
  await expect(row(bob, "Night shift").getByLabel(/unread/)).toHaveCount(0);
  await expect(log(alice).getByText("Read by 1")).toBeVisible();
  await write(bob, "I do.");
  await team(sue);
  await row(sue, "Night shift").click();
  await expect(log(sue)).toContainText(/Who takes Monday.*I do\./s);
  await expect(log(alice).getByText("Read by 2")).toBeVisible();
  await sue.getByRole("button", { name: "Details" }).click();
  const details = sue.getByRole("complementary", { name: "Details" });
  await expect(details.getByRole("listitem")).toHaveCount(3);
  await details.getByRole("button", { name: "Leave" }).click();
  await sue.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
  await expect(sue.getByText("You are not in this group any longer.")).toBeVisible();
  await write(alice, "Without Sue");
  await expect(log(bob)).toContainText("Without Sue");
  await expect(log(bob)).toContainText("Sue has left the group");
  await sue.reload();
  await team(sue);
  await row(sue, "Night shift").click();
  await expect(log(sue)).toContainText("I do.");
  await expect(log(sue).getByText("Without Sue")).toHaveCount(0);
});

test("s1_08 words are found in Chinese, and a hit is shown where it stands, with what is around it", async ({ world }) => {
  const alice = await agent(world, "alice", {}, false);
  await team(alice);
  await row(alice, "Bob").click();
  await write(alice, "客户问包裹什么时候到货");
  for (let n = 0; n < 70; n++) await write(alice, `line ${n}`);
  await expect(log(alice).getByLabel("On its way")).toHaveCount(0);
  await alice.reload();
  await team(alice);
  await row(alice, "Bob").click();
  await expect(log(alice)).toContainText("line 69");
  await expect(log(alice).getByText("客户问")).toHaveCount(0);
  for (const words of ["包裹", "什么时候"]) {
    await alice.getByRole("textbox", { name: "Find people, groups, messages" }).fill(words);
    await expect(alice.getByRole("region", { name: "Messages" }).locator("mark")).toHaveText(words);
  }
  await alice.getByRole("region", { name: "Messages" }).getByRole("button").click();
  await expect(log(alice).getByText("客户问包裹什么时候到货")).toBeInViewport();
  await expect(log(alice)).toContainText("line 0");
  await expect(log(alice).getByText("line 69")).toHaveCount(0);
  await alice.getByRole("button", { name: "To the latest messages" }).click();
  await expect(log(alice).getByText("line 69")).toBeInViewport();
});

test("s1_08 between two: writing shows, reading marks, and a file is for both and for nobody else", async ({ world }) => {
  const alice = await agent(world, "alice", {}, false);
  const bob = await agent(world, "bob", {}, false);
  await team(alice);
  await row(alice, "Bob").click();
  await write(alice, "Here is the list");
  await expect(log(alice).getByLabel("Stored")).toHaveCount(1);
  await team(bob);
  await row(bob, "Alice").click();
  await expect(log(alice).getByLabel("Read", { exact: true })).toHaveCount(1);
  await bob.getByRole("textbox", { name: "Write to Alice" }).pressSequentially("T");
  await expect(alice.getByText("Bob is writing…")).toBeVisible();
  await alice.locator("input[type=file]").setInputFiles({ name: "prices.txt", mimeType: "text/plain", buffer: Buffer.from("tea 5") });
  const link = log(bob).getByRole("link", { name: /prices\.txt/ });
  await expect(link).toBeVisible();
  const href = new URL(await link.getAttribute("href") ?? "", world.centre.url).href;
  expect(await (await bob.request.get(href)).text()).toBe("tea 5");
  const sue = await supervisor(world);
  await expect(sue.getByRole("navigation", { name: "Places" })).toBeVisible();
  expect((await sue.request.get(href)).status()).toBe(404);
});

test("axe finds nothing on the team's chat, light and dark, in English and Chinese", async ({ world }) => {
  test.slow();
  const found: string[] = [];
  const alice = await agent(world, "alice", {}, false);
  await team(alice);
  await group(alice, "Night shift", ["Bob"]);
  await write(alice, "Who takes Monday?");
  await alice.getByRole("button", { name: "Details" }).click();
  await alice.getByRole("textbox", { name: "Find people, groups, messages" }).fill("monday");
  await expect(alice.getByRole("region", { name: "Messages" }).locator("mark")).toBeVisible();
  await both(alice, "team", found);
  await list(alice).getByRole("button", { name: "New group" }).click();
  await expect(alice.getByRole("dialog")).toBeVisible();
  await both(alice, "new group", found);
  await alice.evaluate(() => localStorage.setItem("ngcc.lang", "zh-CN"));
  await alice.reload();
  await alice.getByRole("button", { name: /^同事/ }).click();
  await alice.getByRole("button", { name: /^Night shift/ }).click();
  await expect(alice.getByRole("log")).toContainText("创建了群组");
  await both(alice, "team, Chinese", found);
  expect(found).toEqual([]);
});
