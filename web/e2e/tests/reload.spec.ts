import { AGENT_HZ, CUSTOMER_HZ, accept, agent, calling, customer, openChat, press, statePill, write } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { hears, hearsSomething } from "../src/senses.ts";

test("a caller's page is loaded again in self-service, queue, hold and automation, and the call goes on each time", async ({ world }) => {
  const caller = await calling(world, "1000");
  await hearsSomething(caller);
  await caller.reload();
  await hearsSomething(caller);
  await press(caller, "1");
  await expect(caller.getByText("In line: number 1").first()).toBeVisible();
  await caller.reload();
  await expect(caller.getByText("In line: number 1").first()).toBeVisible();
  await hearsSomething(caller);
  const alice = await agent(world, "alice");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await alice.getByRole("button", { name: "Hold" }).click();
  await expect(caller.getByText("On hold").first()).toBeVisible();
  await Promise.all([caller.reload(), alice.reload()]);
  await expect(caller.getByText("On hold").first()).toBeVisible();
  await hearsSomething(caller);
  await alice.getByRole("button", { name: "Resume" }).click();
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
  await alice.getByRole("button", { name: "To automation" }).click();
  await alice.getByLabel("Flow").selectOption("pin-check");
  await alice.getByRole("button", { name: "Hand over" }).click();
  await expect(statePill(alice)).toContainText("In automation");
  await Promise.all([caller.reload(), alice.reload()]);
  await expect(statePill(alice)).toContainText("In automation");
  await alice.getByRole("button", { name: "Take back" }).click();
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(statePill(alice)).toContainText("Wrap-up");
  expect(world.centre.ask<{ total: number }>("call", "list").total).toBe(0);
});

test("both pages are loaded again while the call rings, and it is then taken", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000");
  await expect(alice.getByRole("region", { name: "Call", exact: true })).toBeVisible();
  await alice.reload();
  await caller.reload();
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
});

test("a chatting customer's page is loaded again in the queue, and nothing is lost or doubled", async ({ world }) => {
  const visitor = await customer(world);
  await openChat(visitor);
  await write(visitor, "first of all");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await expect(visitor.getByText("You are number 1 in line").first()).toBeVisible();
  await visitor.reload();
  await expect(visitor.getByText("You are number 1 in line").first()).toBeVisible();
  await expect(visitor.getByText("first of all")).toHaveCount(1);
  await write(visitor, "still waiting");
  const alice = await agent(world, "alice");
  await accept(alice, "Chat");
  const log = alice.getByRole("log", { name: "Messages" });
  await expect(log.getByText("first of all")).toHaveCount(1);
  await expect(log.getByText("still waiting")).toHaveCount(1);
});
