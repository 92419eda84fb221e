import { type Page } from "@playwright/test";

import { accept, agent, customer, openChat, statePill, write } from "../src/people.ts";
import { type World, expect, test } from "../src/fixtures.ts";

/** A customer who chats with an agent. */
async function talk(world: World): Promise<{ alice: Page; visitor: Page }> {
  const alice = await agent(world, "alice");
  const visitor = await customer(world);
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await accept(alice, "Chat");
  await expect(visitor.getByText("Alice joined")).toBeVisible();
  return { alice, visitor };
}

async function reply(page: Page, text: string): Promise<void> {
  const box = page.getByRole("textbox", { name: "Reply", exact: true });
  await box.fill(text);
  await box.press("Enter");
}

test("s4_08 an agent gives a chat to the PIN check and gets it back with its result, and the PIN is masked on both sides", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  const log = alice.getByRole("log", { name: "Messages" });
  await alice.getByRole("button", { name: "To automation" }).click();
  await alice.getByLabel("Flow").selectOption("pin-check");
  await alice.getByRole("button", { name: "Hand over" }).click();
  await expect(alice.getByText("Step pin")).toBeVisible();
  await expect(visitor.getByText("Please write your PIN of four digits.")).toBeVisible();
  await write(visitor, "4711");
  await expect(visitor.getByText("Thank you. The agent is with you again.")).toBeVisible();
  await expect(alice.getByRole("complementary", { name: "Customer" })).toContainText("verified");
  await expect(log).toContainText("••••");
  await expect(visitor.getByLabel("Hidden entry")).toHaveCount(1);
  await expect(alice.getByText("4711")).toHaveCount(0);
  await expect(visitor.getByText("4711")).toHaveCount(0);
  await reply(alice, "Back with you.");
  await expect(visitor.getByText("Back with you.")).toHaveCount(1);
  await visitor.reload();
  await expect(visitor.getByText("Back with you.")).toHaveCount(1);
  await expect(visitor.getByText("4711")).toHaveCount(0);
});

test("s4_09 an agent takes a chat back while the automation has it", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await alice.getByRole("button", { name: "To automation" }).click();
  await alice.getByLabel("Flow").selectOption("pin-check");
  await alice.getByRole("button", { name: "Hand over" }).click();
  await expect(visitor.getByText("Automatic step – Alice stays with you")).toBeVisible();
  await alice.getByRole("button", { name: "Take back" }).click();
  await expect(alice.getByRole("button", { name: "To automation" })).toBeEnabled();
  await write(visitor, "no PIN here");
  await expect(alice.getByRole("log", { name: "Messages" })).toContainText("no PIN here");
});

test("files, notes, typing and receipts of a chat reach whom they are for and nobody else", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  const log = alice.getByRole("log", { name: "Messages" });
  await visitor.locator("input[type=file]").setInputFiles({ name: "order.txt", mimeType: "text/plain", buffer: Buffer.from("one teapot") });
  const got = log.getByRole("link", { name: /order\.txt/ });
  await expect(got).toBeVisible();
  const saved = alice.waitForEvent("download");
  await got.click();
  expect((await (await (await saved).createReadStream()).toArray()).join("")).toBe("one teapot");
  await alice.locator("input[type=file]").setInputFiles({ name: "invoice.txt", mimeType: "text/plain", buffer: Buffer.from("12 euro") });
  const fetched = visitor.waitForEvent("download");
  await visitor.getByRole("button", { name: /Download invoice\.txt/ }).click();
  expect((await (await (await fetched).createReadStream()).toArray()).join("")).toBe("12 euro");

  await alice.getByRole("tab", { name: "Note" }).click();
  const note = alice.getByRole("textbox", { name: "Note", exact: true });
  await note.fill("A difficult one.");
  await note.press("Enter");
  await expect(log.getByText("A difficult one.")).toBeVisible();
  await alice.getByRole("tab", { name: "Reply" }).click();
  await alice.getByRole("textbox", { name: "Reply", exact: true }).pressSequentially("So");
  await expect(visitor.getByText("Alice is typing…")).toBeVisible();
  await reply(alice, "Sorry for the wait.");
  await expect(visitor.getByText("Sorry for the wait.")).toBeVisible();
  await expect(log.getByLabel("Seen by the customer").last()).toBeVisible();
  await visitor.getByRole("textbox", { name: "Write a message…" }).pressSequentially("Never mind", { delay: 400 });
  await expect(alice.getByText(/is writing…/)).toBeVisible();
  await write(visitor, "Never mind.");
  await expect(visitor.getByText("✓✓ Read")).toBeVisible();
  await visitor.reload();
  await expect(visitor.getByText("Sorry for the wait.")).toHaveCount(1);
  await expect(visitor.getByText("A difficult one.")).toHaveCount(0);
});

test("s1_07 the console says that the customer's page is gone, and back it has everything once", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  const context = visitor.context();
  const url = visitor.url();
  await visitor.close();
  await expect(alice.getByText("Customer's page is gone").first()).toBeVisible();
  await reply(alice, "Are you still there?");
  await expect(alice.getByRole("log", { name: "Messages" }).getByText("Are you still there?")).toBeVisible();
  const again = await context.newPage();
  await again.goto(url);
  await expect(again.getByText("Are you still there?")).toHaveCount(1);
  await write(again, "Yes, I am.");
  await expect(alice.getByRole("log", { name: "Messages" }).getByText("Yes, I am.")).toHaveCount(1);
  await expect(alice.getByRole("log", { name: "Messages" }).getByText("hello", { exact: true })).toHaveCount(1);
  await expect(statePill(alice)).toContainText("Ready");
});

test("Enter that ends an input method's composition sends nothing, on either side", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  const boxes = [alice.getByRole("textbox", { name: "Reply", exact: true }), visitor.getByRole("textbox", { name: "Write a message…" })];
  for (const box of boxes) {
    await box.fill("你好");
    await box.evaluate((element) => {
      element.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true, composed: true }));
      element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 229, isComposing: true, bubbles: true, composed: true, cancelable: true }));
      element.dispatchEvent(new CompositionEvent("compositionend", { data: "你好", bubbles: true, composed: true }));
    });
    await expect(box).toHaveValue("你好");
  }
  await boxes[0]?.press("Enter");
  await expect(visitor.getByRole("log").getByText("你好")).toHaveCount(1);
});
