import { AGENT_HZ, CUSTOMER_HZ, accept, agent, calling, press, statePill } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { connectedAfter, hears, hearsSomething } from "../src/senses.ts";

test("a browser caller goes through self-service and queue to the console, five times to automation and back to the same agent", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "1000");
  await hearsSomething(caller);
  await press(caller, "1");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
  for (let cycle = 0; cycle < 5; cycle++) {
    await alice.getByRole("button", { name: "To automation" }).click();
    await alice.getByRole("button", { name: "Hand over" }).click();
    await expect(statePill(alice)).toContainText("In automation");
    await alice.getByRole("button", { name: "Take back" }).click();
    await expect(statePill(alice)).toContainText("Talking");
    await hears(caller, AGENT_HZ);
    await hears(alice, CUSTOMER_HZ);
  }
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(statePill(alice)).toContainText("Wrap-up");
  await alice.getByRole("button", { name: /Finish & Ready/ }).click();
  await expect(statePill(alice)).toContainText("Ready");
});

test("a phone caller and an agent at the console hear each other", async ({ world }) => {
  const alice = await agent(world, "alice");
  const phone = world.phone("13800138000");
  await phone.do({ do: "call", to: "1000" });
  await phone.do({ do: "speak", hz: CUSTOMER_HZ });
  await phone.do({ do: "press", keys: "1" });
  await accept(alice);
  await phone.do({ do: "hears", hz: [AGENT_HZ] });
  await hears(alice, CUSTOMER_HZ);
  await alice.getByRole("button", { name: "Hold" }).click();
  await phone.do({ do: "hears_music" });
  await alice.getByRole("button", { name: "Resume" }).click();
  await phone.do({ do: "hears", hz: [AGENT_HZ] });
  await phone.do({ do: "hang_up" });
  await expect(statePill(alice)).toContainText("Wrap-up");
});

test("reloading the console and the customer's page in mid-call loses nothing", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await alice.reload();
  await hears(alice, CUSTOMER_HZ, 10_000);
  await hears(caller, AGENT_HZ, 10_000);
  await caller.reload();
  await hears(caller, AGENT_HZ, 10_000);
  await hears(alice, CUSTOMER_HZ, 10_000);
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(statePill(alice)).toContainText("Wrap-up");
  expect(world.centre.ask<{ total: number }>("call", "list").total).toBe(0);
});

/** What is promised of a machine that does nothing else, and how much longer a busy one may take. */
const BACK_MS = 3_000;
const BUSY = 5;

test("after kill -9 in mid-call both browsers are attached again and hear each other", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await world.centre.kill9();
  const killed = Date.now();
  await world.centre.startAgain();
  const started = Date.now() - killed;
  const back = await Promise.all([alice, caller].map((page) => connectedAfter(page, killed, BACK_MS * BUSY)));
  console.log(`kill -9: the centre serves after ${started} ms, console and customer are attached after ${back.join(" and ")} ms`);
  for (const ms of back) expect(ms).toBeLessThanOrEqual(BACK_MS * BUSY);
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
  await expect(statePill(alice)).toContainText("Talking");
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(statePill(alice)).toContainText("Wrap-up");
});
