import { accept, agent, customer, openChat, write } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";

test("s0_02 a customer sends something back by a form in the chat, corrects it, and the agent sees what was entered but no account", async ({ world }) => {
  const alice = await agent(world, "alice");
  const visitor = await customer(world);
  const log = visitor.getByRole("log");
  const reply = (name: string) => visitor.locator(".choices").getByRole("button", { name, exact: true });
  await openChat(visitor);
  await write(visitor, "hello");
  await reply("Send something back").click();
  await expect(log).toContainText("Order number");
  await write(visitor, "A-4711");
  await reply("It is broken").click();
  await expect(log).toContainText("Bought on");
  await write(visitor, "yesterday");
  await expect(log).toContainText("That is not a day of the calendar.");
  await reply("Leave out").click();
  await expect(log).toContainText("Account for the refund");
  await write(visitor, "DE02 1203 0000");

  await expect(log).toContainText("Please check what you entered");
  await expect(log).toContainText("Why: It is broken");
  await visitor.reload();
  await expect(log).toContainText("Please check what you entered");
  await reply("Change").click();
  await expect(reply("Keep: A-4711")).toBeVisible();
  await write(visitor, "A-4712");
  await reply("Keep: It is broken").click();
  await reply("Leave out").click();
  await reply("Keep: ••••••").click();
  await expect(log).toContainText("Order number: A-4712");
  await reply("Send").click();

  await accept(alice, "Chat");
  const known = alice.getByRole("complementary", { name: "Customer" });
  await expect(known).toContainText("A-4712");
  await expect(known).toContainText("It is broken");
  await expect(alice.getByRole("main")).not.toContainText("DE02");
  await expect(log).not.toContainText("DE02");
});
