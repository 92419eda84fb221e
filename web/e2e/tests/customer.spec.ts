// Who a customer is: proved on a page, known again on another channel, merged and parted by hand.

import { createHmac, randomUUID } from "node:crypto";
import { type Page, expect } from "@playwright/test";

import { both } from "../src/axe.ts";
import { type World, test } from "../src/fixtures.ts";
import { accept, agent, closes, customer, openChat, write } from "../src/people.ts";

const SECRET = "a secret of thirty-two characters";
const KEY = "a-key-of-the-tests";

test.use({ settings: { "web.identity_secret": SECRET } });

/** A token as the shop's server makes it. */
function token(sub: string, name: string, attributes: Record<string, string>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, name, exp, attributes })}`;
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

/** Somebody on the shop's page, as it tells the widget, who writes and is served by Alice. */
async function chats(world: World, alice: Page, user: object, attributes: Record<string, string>, text: string): Promise<void> {
  const visitor = await customer(world);
  await visitor.locator("ngcc-widget").evaluate((widget, told) => {
    const it = widget as HTMLElement & { setUser(user: object): void; setAttributes(of: object): void };
    it.setAttributes(told.attributes);
    it.setUser(told.user);
  }, { user, attributes });
  await openChat(visitor);
  await write(visitor, text);
  await visitor.getByRole("button", { name: "Sales" }).click();
  await accept(alice, "Chat");
  await expect(alice.getByRole("log", { name: "Messages" })).toContainText(text);
  await closes(alice);
}

/** Somebody writes by the signed channel, and its system says which customer they are. */
async function writes(world: World, person: string, known: string, text: string): Promise<void> {
  const body = JSON.stringify({ type: "text", id: randomUUID(), sender: { id: person, customer: known }, text });
  const at = String(Math.floor(Date.now() / 1000));
  const signature = `v1,${createHmac("sha256", KEY).update(`w1.${at}.${body}`).digest("base64")}`;
  const headers = { "webhook-id": "w1", "webhook-timestamp": at, "webhook-signature": signature };
  const answer = await fetch(`${world.centre.url}/hooks/app`, { method: "POST", headers, body });
  expect(answer.status).toBe(202);
}

test("an agent sees who a customer is and what is proven of them, reads their chat on another channel, labels, merges and parts them", async ({ world }) => {
  world.centre.ask("channel", "add", "app", "--kind", "generic", "--entry", "2000", "--lang", "en",
    "--url", "http://127.0.0.1:9/", "--secret", `key=${KEY}`);
  const alice = await agent(world, "alice");
  await chats(world, alice, { id: "9", name: "Bo Chen" }, {}, "Do you open on Sunday?");
  await chats(world, alice, { jwt: token("4711", "Ann Li", { tier: "gold" }) }, { cart: "3 items" }, "Where is my parcel?");

  await writes(world, "u1", "4711", "Still waiting");
  const card = alice.getByRole("region", { name: "Offers" });
  await expect(card.getByRole("heading", { name: "Ann Li" })).toBeVisible();
  await accept(alice, "Chat");
  const side = alice.getByRole("complementary", { name: "Customer" });
  const section = (name: string) => side.locator("section").filter({ has: alice.getByRole("heading", { name }) });
  const line = (name: string, text: string) => section(name).getByRole("listitem").filter({ hasText: text });
  await expect(side.getByText("Ann Li")).toBeVisible();
  await expect(line("Comes by", "app/u1")).toContainText("proven");
  await expect(line("Comes by", "4711")).toContainText("proven");
  await expect(line("Known of them", "gold")).toContainText(/ proven/);
  await expect(line("Known of them", "3 items")).toContainText("unproven");

  // What was said on the web, without leaving this conversation.
  const before = section("Before");
  await before.getByRole("button").first().click();
  const dialog = alice.getByRole("dialog", { name: "An earlier contact" });
  await expect(dialog).toContainText("Where is my parcel?");
  const found: string[] = [];
  await both(alice, "an earlier contact", found);
  await dialog.getByRole("button", { name: "Close" }).click();

  await side.getByRole("combobox", { name: "New label" }).fill("#late");
  await side.getByRole("button", { name: "Add", exact: true }).click();
  await expect(side.getByText("#late")).toBeVisible();
  await side.getByRole("textbox", { name: "About the customer" }).fill("Prefers the evening.");
  await side.getByRole("button", { name: "Save" }).click();
  await expect(side.getByRole("button", { name: "Save" })).toHaveCount(0);

  await side.getByRole("button", { name: "Same customer as…" }).click();
  const search = alice.getByRole("dialog", { name: "Same customer as…" });
  await search.getByRole("textbox", { name: "Name, number, id or label" }).fill("bo chen");
  await search.getByRole("button", { name: "Search" }).click();
  await expect(search.getByRole("button", { name: "Merge Bo Chen" })).toBeVisible();
  await both(alice, "looking for a customer", found);
  await search.getByRole("button", { name: "Merge Bo Chen" }).click();
  await expect(side.getByRole("button", { name: /^Split off/ })).toHaveCount(4);
  await expect(before.getByRole("button")).toHaveCount(2);
  await side.getByRole("button", { name: "Undo the merge" }).click();
  await expect(side.getByRole("button", { name: /^Split off/ })).toHaveCount(3);

  await alice.reload();
  await expect(side.getByText("#late")).toBeVisible();
  await expect(side.getByRole("textbox", { name: "About the customer" })).toHaveValue("Prefers the evening.");
  await expect(side.getByRole("button", { name: /^Split off/ })).toHaveCount(3);
  await expect(before.getByRole("button")).toHaveCount(1);
  await side.getByRole("button", { name: /^Split off web:/ }).click();
  await expect(side.getByRole("button", { name: /^Split off/ })).toHaveCount(2);
  await both(alice, "a customer", found);
  expect(found).toEqual([]);
});
