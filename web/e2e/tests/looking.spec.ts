import { type Page } from "@playwright/test";

import { both } from "../src/axe.ts";
import { AGENT_HZ, OTHER_HZ, accept, agent, calling, signIn, statePill } from "../src/people.ts";
import { type World, expect, test } from "../src/fixtures.ts";
import { banner, copy, minimiseChat, sharePage, talk } from "../src/sharing.ts";
import { hears } from "../src/senses.ts";

const CART = "/demo/shop/cart.html";

/** The supervisor at the board. */
async function board(world: World): Promise<Page> {
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await sue.getByRole("button", { name: "Board" }).click();
  return sue;
}

test("a supervisor watches a shared page masked and cannot act on it, and customer and agent see who looks on", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world, CART);
  await sharePage(visitor);
  await minimiseChat(visitor);
  const sue = await board(world);
  await sue.getByRole("button", { name: /^Watch: Customer's page of / }).click();
  const pane = sue.getByRole("region", { name: /^Watching: / });
  const theirs = pane.frameLocator("iframe");
  await expect(theirs.getByRole("heading", { name: "Your basket" })).toBeVisible();
  await visitor.locator("form [name=name]").fill("Wang Xiaoming");
  await expect(theirs.locator("[name=name]")).toHaveValue("•••");
  await expect(pane).toContainText("You look on. Only the customer and their agent act.");
  await expect(pane.getByRole("toolbar")).toHaveCount(0);
  await expect(pane.getByRole("button")).toHaveText(["Stop watching"]);
  await expect(banner(visitor)).toContainText("Also looking: Sue");
  await expect(alice.getByRole("region", { name: "Customer's page" })).toContainText("Also looking: Sue");
  const found: string[] = [];
  await both(sue, "board, watching", found);
  await both(visitor, "page that is watched", found);
  expect(found).toEqual([]);
  await pane.getByRole("button", { name: "Stop watching" }).click();
  await expect(banner(visitor)).not.toContainText("Also looking");
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible();
});

test("a colleague who is consulted sees the shared page, cannot act, and no longer sees it afterwards", async ({ world }) => {
  test.slow();
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  const visitor = await world.person();
  await visitor.goto(`${world.centre.url}${CART}`);
  await visitor.getByRole("button", { name: "Chat with us" }).click();
  await visitor.getByRole("button", { name: "Share", exact: true }).click();
  await visitor.getByRole("button", { name: /^Show a code for the phone/ }).click();
  const code = (await visitor.getByText(/^\d{6}$/).textContent() ?? "").replace(/\D/g, "");
  await alice.getByRole("button", { name: "Collaborate" }).click();
  await alice.getByRole("dialog").getByLabel("Customer's code").fill(code);
  await alice.getByRole("dialog").getByRole("button", { name: "Invite" }).click();
  await visitor.getByRole("alertdialog", { name: "Alice asks to see this page" }).getByRole("button", { name: "Allow" }).click();
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible();
  const bob = await agent(world, "bob", { hz: OTHER_HZ });
  await alice.getByRole("button", { name: "Transfer", exact: true }).click();
  await alice.getByRole("radio", { name: /Bob/ }).check();
  await alice.getByRole("button", { name: "Call first" }).click();
  await accept(bob);
  await expect(copy(bob).getByRole("heading", { name: "Your basket" })).toBeVisible();
  await expect(banner(visitor)).toContainText("Also looking: Bob");
  const seen = bob.getByRole("region", { name: "Customer's page" });
  await expect(seen.getByRole("toolbar")).toHaveCount(0);
  await expect(seen.getByRole("button")).toHaveCount(0);
  await alice.getByRole("button", { name: "Back to customer" }).click();
  await expect(banner(visitor)).not.toContainText("Also looking");
  await expect(bob.getByRole("region", { name: "Customer's page" })).toHaveCount(0);
});

test("s3_10 what is shared goes on when the chat is over, both are told, and it ends with the wrap-up", async ({ world }) => {
  world.centre.ask("queue", "set", "sales", "--share-outlives", "600");
  const { alice, visitor } = await talk(world, CART);
  await sharePage(visitor);
  await alice.getByRole("button", { name: "Close", exact: true }).click();
  await alice.getByRole("alertdialog").getByRole("button", { name: "Close", exact: true }).click();
  await expect(banner(visitor)).toContainText("The conversation is over. Sharing goes on until");
  await minimiseChat(visitor);
  const drawer = alice.getByRole("complementary", { name: "Wrap-up" });
  await expect(drawer).toBeVisible();
  const pane = alice.getByRole("region", { name: "Customer's page" });
  await expect(pane).toContainText("The conversation is over. This goes on until");
  await visitor.locator("form [name=city]").fill("Suzhou");
  await expect(copy(alice).locator("[name=city]")).toHaveValue("Suzhou");
  const found: string[] = [];
  await both(alice, "wrap-up that shares", found);
  expect(found).toEqual([]);
  await drawer.getByRole("button", { name: /^Finish & Ready/ }).click();
  await expect(banner(visitor)).toHaveCount(0);
  await expect(pane).toHaveCount(0);
  await expect(statePill(alice)).toContainText("Ready");
});
