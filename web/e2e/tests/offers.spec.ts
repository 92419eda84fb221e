import { AGENT_HZ, CUSTOMER_HZ, accept, agent, calling, customer, openChat, signIn, statePill, write } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { hears } from "../src/senses.ts";

test("an offer that rings is there after a reload with what is left of its time, and can still be taken", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000");
  const card = alice.getByRole("region", { name: "Call", exact: true });
  const left = async (): Promise<number> => Number(await card.locator("header svg text").textContent());
  await expect(card).toBeVisible();
  const first = await left();
  await expect.poll(left).toBeLessThanOrEqual(first - 3);
  await alice.reload();
  await expect(card.locator("header svg text")).toBeVisible();
  // What is shown is a tick old at the most: it has not begun anew, which is what matters.
  const after = await left();
  expect(after).toBeLessThanOrEqual(first - 2);
  expect(after).toBeGreaterThan(0);
  await expect(card).toContainText("sales");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
});

test("an agent declines with a reason, and the board, the next agent and the trace say so", async ({ world }) => {
  const sue = await world.person();
  await sue.goto(`${world.centre.url}/console/`);
  await signIn(sue, "sue", "demo");
  await sue.getByRole("button", { name: "Board" }).click();
  const alice = await agent(world, "alice");
  const visitor = await customer(world);
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  const card = alice.getByRole("region", { name: "Offers" }).getByRole("region", { name: "Chat", exact: true });
  await card.getByRole("button", { name: "Decline and say why" }).click();
  await alice.getByRole("menuitem", { name: "Not my field" }).click();
  await expect(statePill(alice)).toContainText("Missed");
  await expect(sue.getByRole("region", { name: "Who waits" })).toContainText("Alice: not their field");
  const bob = await agent(world, "bob");
  const next = bob.getByRole("region", { name: "Offers" }).getByRole("region", { name: "Chat", exact: true });
  await expect(next).toContainText("Alice: not their field");
  const [call] = world.centre.ask<{ sessions: { id: string }[] }>("call", "list").sessions;
  const trace = world.centre.ask<unknown>("call", "trace", String(call?.id));
  expect(JSON.stringify(trace)).toContain("wrong_skill");
  await accept(bob, "Chat");
  await expect(visitor.getByText("Bob joined")).toBeVisible();
});
