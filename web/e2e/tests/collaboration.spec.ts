import { type Page } from "@playwright/test";

import { AGENT_HZ, CUSTOMER_HZ, OTHER_HZ, accept, agent, calling, statePill } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { hears, tones } from "../src/senses.ts";

/** Opens the dialog for giving away and chooses a colleague. */
async function choose(page: Page, who: string): Promise<void> {
  await page.getByRole("button", { name: "Transfer", exact: true }).click();
  await page.getByRole("radio", { name: new RegExp(who) }).check();
}

test("an agent consults a colleague, merges, and all three then hear each other", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  const bob = await agent(world, "bob", { hz: OTHER_HZ });
  await choose(alice, "Bob");
  await alice.getByRole("button", { name: "Call first" }).click();
  await accept(bob);
  await hears(alice, OTHER_HZ);
  await hears(bob, AGENT_HZ);
  await alice.getByRole("button", { name: "Merge" }).click();
  await tones(caller, [AGENT_HZ, OTHER_HZ]);
  await tones(alice, [CUSTOMER_HZ, OTHER_HZ]);
  await tones(bob, [CUSTOMER_HZ, AGENT_HZ]);
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(statePill(alice)).toContainText("Wrap-up");
});

test("an agent transfers a caller to a colleague, who then talks with them alone", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000");
  await accept(alice);
  await hears(caller, AGENT_HZ);
  const bob = await agent(world, "bob", { hz: OTHER_HZ });
  await choose(alice, "Bob");
  await alice.getByRole("button", { name: "Transfer now" }).click();
  await accept(bob);
  await hears(caller, OTHER_HZ);
  await hears(bob, CUSTOMER_HZ);
  await expect(statePill(alice)).toContainText("Wrap-up");
  await caller.getByRole("button", { name: "Hang up" }).click();
  await expect(statePill(bob)).not.toContainText("Talking");
});

test("an agent dials a phone and both hear each other", async ({ world }) => {
  const phone = world.phone("7001", "demo");
  await phone.do({ do: "register" });
  const alice = await agent(world, "alice");
  await alice.getByRole("button", { name: "Dial" }).click();
  await alice.getByLabel("Number, extension or colleague").fill("7001");
  await alice.getByRole("dialog").getByRole("button", { name: "Call", exact: true }).click();
  await phone.do({ do: "answer" });
  await phone.do({ do: "speak", hz: CUSTOMER_HZ });
  await phone.do({ do: "hears", hz: [AGENT_HZ] });
  await hears(alice, CUSTOMER_HZ);
  await alice.getByRole("button", { name: "Hang up" }).click();
  await phone.do({ do: "ended" });
});
