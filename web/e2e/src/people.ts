// What people do, in their own words: a customer on the shop's page, an agent at the console.

import { type Locator, type Page, expect } from "@playwright/test";

import type { World } from "./fixtures.ts";
import { type Devices, hears } from "./senses.ts";

export const AGENT_HZ = 610;
export const OTHER_HZ = 900;
export const CUSTOMER_HZ = 425;

/** An agent who has signed in; `serves` takes customers in this browser. */
export async function agent(world: World, name: string, devices: Devices = { hz: AGENT_HZ }, serves = true): Promise<Page> {
  const page = await world.person(devices);
  await page.goto(`${world.centre.url}/console/`);
  await signIn(page, name, "demo");
  if (!serves) {
    await page.getByRole("button", { name: "Just internal messages" }).click();
    return page;
  }
  await page.getByRole("button", { name: "Start – go Ready" }).click();
  // Who waits already is offered at once.
  await expect(statePill(page)).toContainText(/Ready|Ringing/);
  return page;
}

export async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export function statePill(page: Page): Locator {
  return page.getByRole("button", { name: /^State/ });
}

/** Takes the offer that rings. */
export async function accept(page: Page, medium: "Call" | "Chat" | "Video call" = "Call"): Promise<void> {
  const card = page.getByRole("region", { name: "Offers" }).getByRole("region", { name: medium, exact: true });
  await card.getByRole("button", { name: /^Accept/ }).click();
}

/** A customer on the shop's page with the widget open. */
export async function customer(world: World, devices: Devices = { hz: CUSTOMER_HZ }, path = "/demo/shop/"): Promise<Page> {
  const page = await world.person(devices);
  await page.goto(`${world.centre.url}${path}`);
  return page;
}

/** Opens the chat, if it is not open yet. */
export async function openChat(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Chat with us" }).click();
  await expect(page.getByRole("log")).toBeVisible();
}

/** Writes one line. */
export async function write(page: Page, text: string): Promise<void> {
  const box = page.getByRole("textbox", { name: "Write a message…" });
  await box.fill(text);
  await box.press("Enter");
}

/** A customer on the call page, calling a number. */
export async function calling(world: World, entry: string, devices: Devices = { hz: CUSTOMER_HZ }): Promise<Page> {
  const page = await world.person(devices);
  await page.goto(`${world.centre.url}/widget/call.html?entry=${entry}`);
  await page.getByRole("button", { name: "Start call" }).click();
  return page;
}

/** Presses a key of the customer's keypad. */
export async function press(page: Page, keys: string): Promise<void> {
  for (const key of keys) await page.getByRole("button", { name: key, exact: true }).click();
}

/** The agent closes a contact that came through a queue, and ends the wrap-up. */
export async function closes(alice: Page): Promise<void> {
  await alice.getByRole("button", { name: "Close" }).filter({ hasText: "Close" }).click();
  await alice.getByRole("alertdialog").getByRole("button", { name: "Close" }).click();
  await alice.getByRole("button", { name: /Finish & Ready/ }).click();
}

/** A supervisor opens the latest contact in history, once it is stored. */
export async function latestInHistory(world: World): Promise<Page> {
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await expect(async () => {
    await sue.getByRole("button", { name: "Team", exact: true }).click();
    await sue.getByRole("button", { name: "History", exact: true }).click();
    await expect(sue.getByRole("table").getByRole("button").first()).toBeVisible({ timeout: 2000 });
  }).toPass();
  await sue.getByRole("table").getByRole("button").first().click();
  return sue;
}

/** Alice on the phone with somebody. */
export async function onThePhone(world: World) {
  const alice = await agent(world, "alice");
  const phone = world.phone("caller");
  const call = phone.do({ do: "call", to: "2000" });
  await accept(alice);
  await call;
  await phone.do({ do: "speak", hz: OTHER_HZ });
  await hears(alice, OTHER_HZ);
  return { alice, phone };
}

/** The supervisor at the board. */
export async function board(world: World): Promise<Page> {
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await sue.getByRole("button", { name: "Board" }).click();
  return sue;
}
