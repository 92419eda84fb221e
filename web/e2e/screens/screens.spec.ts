// The pictures of docs/screens, each taken from the running demo after the people in it did what it shows.

import { resolve } from "node:path";

import type { Page } from "@playwright/test";

import { CUSTOMER_HZ, accept, agent, calling, customer, openChat, press, signIn, write } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { Wechat } from "../src/wechat.ts";

const DIR = resolve(import.meta.dirname, "../../../docs/screens");

async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: resolve(DIR, `${name}.png`), animations: "disabled" });
}

test("a chat, from the shop to the wrap-up", async ({ world }) => {
  const alice = await agent(world, "alice");
  await shot(alice, "console-ready");
  const visitor = await customer(world);
  await shot(visitor, "shop");
  await openChat(visitor);
  await write(visitor, "Hello, I have a question about the green tea.");
  await expect(visitor.getByRole("button", { name: "Sales" })).toBeVisible();
  await shot(visitor, "widget-menu");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await expect(alice.getByRole("button", { name: /^Accept/ })).toBeVisible();
  await shot(alice, "console-offer");
  await accept(alice, "Chat");
  await write(visitor, "Is it this year's harvest?");
  const reply = alice.getByRole("textbox", { name: "Reply" });
  await reply.fill("Yes, it was picked in April and packed last week.");
  await reply.press("Enter");
  await expect(visitor.getByRole("log")).toContainText("picked in April");
  await shot(visitor, "widget-chat");
  await shot(alice, "console-chat");
});

test("a chat by a messaging channel that is shut", async ({ world }) => {
  const wechat = await Wechat.start(world, "shop-wechat", "2000");
  const alice = await agent(world, "alice");
  await wechat.writes("oMei", "m1", "My order has not come. It is number 20417.");
  await accept(alice, "Chat");
  const reply = alice.getByRole("textbox", { name: "Reply" });
  await reply.fill("I am looking into it.");
  await reply.press("Enter");
  await wechat.reads("looking into it");
  wechat.refuses = /^https/;
  await reply.fill("https://parcels.example/20417");
  await reply.press("Enter");
  await expect(alice.getByText("Not delivered: the channel refused it")).toBeVisible();
  wechat.shut = true;
  await reply.fill("It will be with you on Monday.");
  await reply.press("Enter");
  await expect(alice.getByText(/What you write waits/)).toBeVisible();
  await shot(alice, "console-channel");
  wechat.end();
});

test("a call, with automation and wrap-up", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "1000");
  await press(caller, "1");
  await accept(alice);
  await expect(alice.getByRole("button", { name: "To automation" })).toBeEnabled();
  await shot(alice, "console-call");
  await shot(caller, "call-page");
  await alice.getByRole("button", { name: "To automation" }).click();
  await shot(alice, "console-to-automation");
  await alice.getByRole("button", { name: "Hand over" }).click();
  await expect(alice.getByRole("button", { name: "Take back" })).toBeVisible();
  await shot(alice, "console-in-automation");
  await alice.getByRole("button", { name: "Take back" }).click();
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(alice.getByRole("button", { name: /Finish & Ready/ })).toBeVisible();
  await shot(alice, "console-wrap-up");
});

test("the other places", async ({ world }) => {
  const bob = await world.person({ hz: CUSTOMER_HZ });
  await bob.goto(`${world.centre.url}/console/`);
  await expect(bob.getByLabel("User name")).toBeVisible();
  await shot(bob, "sign-in");
  await signIn(bob, "bob", "demo");
  await expect(bob.getByRole("button", { name: "Start – go Ready" })).toBeVisible();
  await shot(bob, "start");
  await bob.getByRole("button", { name: "Start – go Ready" }).click();
  for (const place of ["Team", "History", "Settings"]) {
    await bob.getByRole("button", { name: place, exact: true }).or(bob.getByRole("link", { name: place, exact: true })).first().click();
    await shot(bob, `console-${place.toLowerCase()}`);
  }
  const sue = await world.person({});
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await sue.getByRole("button", { name: "Board", exact: true }).or(sue.getByRole("link", { name: "Board", exact: true })).first().click();
  await expect(sue.getByText("Who waits")).toBeVisible();
  await shot(sue, "board");
  const hub = await world.person({});
  await hub.goto(`${world.centre.url}/demo`);
  await hub.waitForLoadState("networkidle");
  await shot(hub, "hub");
});

test("an administrator sets a channel up", async ({ world }) => {
  const wechat = await Wechat.start(world, "shop-wechat", "2000");
  const root = await world.person();
  await root.goto(`${world.centre.url}/console/`);
  await signIn(root, "root", "demo");
  await root.getByRole("button", { name: "Add channel" }).click();
  await shot(root, "admin-kinds");
  await root.getByRole("button", { name: "Back to the channels" }).click();
  await wechat.verifies();
  await root.getByRole("button", { name: "Open shop-wechat" }).click();
  await expect(root.getByText("Works")).toBeVisible();
  await shot(root, "admin-channel");
  wechat.end();
});
