import { both } from "../src/axe.ts";
import { expect, test } from "../src/fixtures.ts";
import { accept, agent, write } from "../src/people.ts";
import { drawLine, inked, invite, talk } from "../src/sharing.ts";

test("s3_03 an agent hands the whiteboard alone to a colleague and keeps the chat; the customer is told who it is, and both draw", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await invite(alice, "Whiteboard");
  await visitor.getByRole("alertdialog", { name: "Alice asks to draw with you" }).getByRole("button", { name: "Allow" }).click();
  await drawLine(visitor, [0.3, 0.3], [0.6, 0.3]);
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  const bob = await agent(world, "bob");
  await alice.getByRole("button", { name: "Hand over: Whiteboard" }).click();
  const dialog = alice.getByRole("dialog", { name: "Hand over: Whiteboard" });
  await dialog.getByRole("radio", { name: /Bob/ }).check();
  const found: string[] = [];
  await both(alice, "hand over", found);
  await dialog.getByRole("button", { name: "Hand over", exact: true }).click();
  await expect(bob.getByRole("region", { name: "Offers" })).toContainText("Whiteboard");
  await expect(alice.locator("ngcc-board")).toHaveCount(0);
  await accept(bob, "Chat");
  await expect(visitor.getByText("Bob takes this over")).toBeVisible();
  await expect(bob.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await drawLine(bob, [0.3, 0.6], [0.6, 0.6]);
  await expect.poll(() => inked(visitor, [0.45, 0.6])).toBe(true);
  // The words are Alice's still, and hers alone.
  await alice.getByRole("textbox", { name: "Reply" }).fill("Bob draws with you now");
  await alice.keyboard.press("Enter");
  await expect(visitor.getByText("Bob draws with you now")).toBeVisible();
  await expect(bob.getByText("the conversation is a colleague's")).toBeVisible();
  await expect(bob.getByRole("tab", { name: "Reply" })).toHaveCount(0);
  await both(bob, "shared alone", found);
  await write(visitor, "thank you both");
  await expect(alice.getByRole("log").getByText("thank you both")).toBeVisible();
  // It is said for a few seconds only: whoever looks later does not see it.
  const said = expect(bob.getByText("Sharing was ended.")).toBeVisible();
  await visitor.getByRole("dialog", { name: "Whiteboard" }).getByRole("button", { name: "Stop" }).click();
  await said;
  await expect(bob.locator("ngcc-board")).toHaveCount(0);
  expect(found).toEqual([]);
});
