import { accept, agent, customer, openChat, write, statePill } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";

test("s0_03 a chat goes from the flow to an agent, both pages are loaded again, and it closes with nothing lost or doubled", async ({ world }) => {
  const alice = await agent(world, "alice");
  const visitor = await customer(world);
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await accept(alice, "Chat");
  await write(visitor, "I would like a blue one.");
  await expect(alice.getByRole("log", { name: "Messages" })).toContainText("I would like a blue one.");
  const reply = alice.getByRole("textbox", { name: "Reply" });
  await reply.fill("Blue it is.");
  await reply.press("Enter");
  await expect(visitor.getByRole("log")).toContainText("Blue it is.");
  await visitor.reload();
  await expect(visitor.getByRole("log")).toContainText("Blue it is.");
  await expect(visitor.getByText("Blue it is.")).toHaveCount(1);
  await alice.reload();
  await expect(alice.getByRole("log", { name: "Messages" })).toContainText("I would like a blue one.");
  await expect(alice.getByRole("log").getByText("I would like a blue one.")).toHaveCount(1);
  await reply.fill("Anything else?");
  await reply.press("Enter");
  await expect(visitor.getByText("Anything else?")).toHaveCount(1);
  await alice.getByRole("button", { name: "Close" }).click();
  await alice.getByRole("alertdialog").getByRole("button", { name: "Close" }).click();
  await expect(visitor.getByText("This chat has ended")).toBeVisible();
  await expect(alice.getByRole("complementary", { name: "Wrap-up" })).toBeVisible();
});

test("script in a name, a message and a file name is shown and never run", async ({ world }) => {
  const alice = await agent(world, "alice");
  const visitor = await customer(world);
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await accept(alice, "Chat");
  const evil = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>";
  await write(visitor, evil);
  await expect(alice.getByRole("log", { name: "Messages" })).toContainText(evil);
  expect(await alice.title()).not.toContain("pwned");
  expect(await visitor.title()).not.toContain("pwned");
  await expect(statePill(alice)).not.toContainText("pwned");
});
