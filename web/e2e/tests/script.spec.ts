// Whatever strangers may name or write is text: in a console, on a customer's page and on the board.

import { createHmac } from "node:crypto";
import type { Page } from "@playwright/test";

import { accept, agent, customer, openChat, signIn, write } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";

const SECRET = "a secret of thirty-two characters";
/** What would mark the page it ran on. */
const EVIL = "<img src=x onerror=globalThis.ran=1>";

test.use({ settings: { "web.identity_secret": SECRET } });

async function isClean(...pages: Page[]) {
  for (const page of pages) {
    await expect(page.locator("img[src=x], img[onerror]")).toHaveCount(0);
    expect(await page.evaluate(() => "ran" in globalThis)).toBe(false);
  }
}

test("script in a customer's name, message and file name is shown and never run", async ({ world }) => {
  const alice = await agent(world, "alice");
  const visitor = await customer(world);
  const hash = createHmac("sha256", SECRET).update("4711").digest("hex");
  await visitor.locator("ngcc-widget").evaluate((widget, user) => {
    (widget as HTMLElement & { setUser(user: object): void }).setUser(user);
  }, { id: "4711", name: EVIL, hash });
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await expect(alice.getByRole("region", { name: "Offers" })).toContainText(EVIL);
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await accept(alice, "Chat");
  await write(visitor, `${EVIL} ${EVIL.replace("<img", "<svg><script>globalThis.ran=1</script><img")}`);
  const log = alice.getByRole("log", { name: "Messages" });
  await expect(log).toContainText(EVIL);
  await visitor.locator("input[type=file]").setInputFiles({ name: `${EVIL}.txt`, mimeType: "text/plain", buffer: Buffer.from("tea") });
  await expect(log).toContainText(`${EVIL}.txt`);
  const reply = alice.getByRole("textbox", { name: "Reply", exact: true });
  await reply.fill(EVIL);
  await reply.press("Enter");
  await expect(visitor.getByRole("log").getByText(EVIL, { exact: true })).toBeVisible();
  await isClean(alice, visitor, sue);
});

test("script in a phone's display name and session description is shown and never run", async ({ world }) => {
  const alice = await agent(world, "alice");
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  const phone = world.phone("caller", "", EVIL);
  const call = phone.do({ do: "call", to: "2000" });
  await expect(alice.getByRole("region", { name: "Offers" })).toContainText(EVIL);
  await accept(alice);
  await call;
  await expect(alice.getByText(EVIL).first()).toBeVisible();
  await isClean(alice, sue);
});
