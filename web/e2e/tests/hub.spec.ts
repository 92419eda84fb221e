import { accept, agent } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { hearsSomething } from "../src/senses.ts";

test("simulated customers come to the demo by chat and by phone, and an agent reads and hears them", async ({ world }) => {
  test.slow();
  const alice = await agent(world, "alice");
  const hub = await world.person();
  await hub.goto(`${world.centre.url}/demo`);
  const simulate = hub.getByRole("button", { name: "Simulate customers" });
  await simulate.click();
  await expect(hub.getByText("Customers are on their way.")).toBeVisible();
  const offers = alice.getByRole("region", { name: "Offers" });
  await offers.getByRole("region").filter({ hasText: "Mei" }).getByRole("button", { name: /^Accept/ }).click();
  const log = alice.getByRole("log", { name: "Messages" });
  await expect(log).toContainText("Hello, which of your teas has the least caffeine?");
  const reply = alice.getByRole("textbox", { name: "Reply", exact: true });
  await reply.fill("The white ones.");
  await reply.press("Enter");
  await expect(log).toContainText("And how long does it keep?");
  await accept(alice);
  await hearsSomething(alice);
  for (const more of [3, 3, 1]) {
    const answered = hub.waitForResponse(/demo\/simulate/);
    await simulate.click();
    expect(await (await answered).json()).toMatchObject({ started: more });
  }
  await simulate.click();
  await expect(hub.getByText("As many simulated customers are there as may be. Each leaves by itself.")).toBeVisible();
});
