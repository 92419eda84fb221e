import { type Page } from "@playwright/test";

import { both } from "../src/axe.ts";
import { expect, test } from "../src/fixtures.ts";
import { accept, agent } from "../src/people.ts";
import { Wechat } from "../src/wechat.ts";

/** A line of the agent's own. */
function line(alice: Page, text: string) {
  return alice.getByRole("log", { name: "Messages" }).locator("[data-by=agent]").filter({ hasText: text });
}

async function replies(alice: Page, text: string): Promise<void> {
  const reply = alice.getByRole("textbox", { name: "Reply", exact: true });
  await reply.fill(text);
  await reply.press("Enter");
}

test("an agent sees how far a message to a channel has come, what it refused, and when it takes none", async ({ world }) => {
  const wechat = await Wechat.start(world, "wx", "2000");
  const alice = await agent(world, "alice");
  await wechat.writes("ann-1", "m1", "hello");
  await accept(alice, "Chat");
  await replies(alice, "one");
  await wechat.reads("one");
  await expect(line(alice, "one").getByLabel("Given to the channel")).toBeVisible();
  await expect(alice.getByText(/^The channel lets \d more through until /)).toBeVisible();
  wechat.refuses = /^unspeakable$/;
  await replies(alice, "unspeakable");
  await expect(line(alice, "unspeakable")).toContainText("Not delivered: the channel refused it");
  wechat.shut = true;
  await replies(alice, "two");
  await expect(line(alice, "two").getByLabel("Waits for the channel")).toBeVisible();
  const shut = alice.getByText("What you write waits until the customer writes again: the channel lets nothing through before.");
  await expect(shut).toBeVisible();
  const found: string[] = [];
  await both(alice, "a channel that is shut", found);
  await alice.reload();
  await expect(shut).toBeVisible();
  wechat.shut = false;
  await wechat.writes("ann-1", "m2", "are you there?");
  await wechat.reads("two");
  await expect(line(alice, "two").getByLabel("Given to the channel")).toBeVisible();
  await expect(shut).toHaveCount(0);
  expect(found).toEqual([]);
  wechat.end();
});

test("a picture that a customer sends by a channel is seen at the console", async ({ world }) => {
  const wechat = await Wechat.start(world, "wx", "2000");
  const alice = await agent(world, "alice");
  await wechat.shows("ann-1", "m1");
  await accept(alice, "Chat");
  const picture = alice.getByRole("log", { name: "Messages" }).getByRole("img");
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(1);
  wechat.end();
});
