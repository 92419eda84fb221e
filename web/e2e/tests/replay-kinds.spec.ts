import { type Locator, type Page } from "@playwright/test";

import { both } from "../src/axe.ts";
import { expect, test, type World } from "../src/fixtures.ts";
import { closes, latestInHistory } from "../src/people.ts";
import { drawLine, inked, invite, talk } from "../src/sharing.ts";

/** Alice ends what is shared; then it is recorded to its end. */
async function end(alice: Page, what: string): Promise<void> {
  await alice.getByRole("region", { name: what, exact: true }).getByRole("button", { name: "End", exact: true }).click();
  await expect(alice.getByRole("region", { name: what, exact: true })).toHaveCount(0);
}

/** Alice invites to something that is recorded, and the customer allows it. */
async function begin(alice: Page, visitor: Page, what: Parameters<typeof invite>[1]): Promise<void> {
  await invite(alice, what);
  await visitor.getByRole("alertdialog", { name: /^Alice asks/ }).getByRole("button", { name: "Allow" }).click();
  await expect(alice.getByRole("region", { name: what, exact: true })).toContainText("This is recorded");
}

/** A customer who chats with Alice, where all that is shared is recorded. */
async function recorded(world: World): Promise<{ alice: Page; visitor: Page }> {
  world.centre.ask("queue", "set", "sales", "--record-sharing", "true");
  return talk(world);
}

/** The chat is over and stored; a supervisor opens it in history. */
async function history(world: World, alice: Page): Promise<Page> {
  await closes(alice);
  return latestInHistory(world);
}

/** What the recording of that kind shows, and where it stands. */
async function replay(sue: Page, what: string): Promise<{ shown: Locator; position: Locator }> {
  await sue.getByRole("listitem").filter({ hasText: what }).getByRole("button", { name: "Replay" }).click();
  const shown = sue.getByRole("region", { name: `Recording: ${what}`, exact: true });
  return { shown, position: shown.getByRole("slider", { name: "Position" }) };
}

/** Goes from change to change until `what` is shown. */
async function until(shown: Locator, what: string): Promise<void> {
  const next = shown.getByRole("button", { name: "To the next change" });
  while (!(await shown.getByText(what).isVisible())) await next.click({ timeout: 5000 });
}

test("a supervisor plays again a form and a drawing: step by step, and the secret stays unseen", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await recorded(world);
  await begin(alice, visitor, "Form");
  const [theirs, mine] = [visitor.locator("ngcc-form"), alice.locator("ngcc-form")];
  const shared = mine.locator('[data-kind="text"] input:not([readonly])').first();
  const name = (await shared.getAttribute("name")) ?? "";
  await shared.fill("by Alice");
  await expect(theirs.locator(`[name="${name}"]`)).toHaveValue("by Alice");
  await theirs.locator(`[name="${name}"]`).fill("by the customer");
  await expect(shared).toHaveValue("by the customer");
  await theirs.locator('[data-kind="secret"] input').first().fill("Sentinel-Secret");
  await theirs.locator('[data-kind="secret"] input').first().blur();
  await expect(mine.locator('[data-kind="secret"]').first()).toContainText(/filled/i);
  await end(alice, "Form");
  await begin(alice, visitor, "Whiteboard");
  await drawLine(alice, [0.3, 0.5], [0.6, 0.5]);
  await expect(visitor.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await end(alice, "Whiteboard");

  const sue = await history(world, alice);
  const form = await replay(sue, "Form");
  await form.position.press("End");
  await expect(form.shown.getByText("by the customer")).toBeVisible();
  await expect(form.shown.getByText("Filled in, not shown")).toBeVisible();
  expect(await sue.content()).not.toContain("Sentinel-Secret");
  await form.position.press("Home");
  await expect(form.shown.getByText("by the customer")).toHaveCount(0);
  await until(form.shown, "by Alice");
  const found: string[] = [];
  await both(sue, "replay of a form", found);
  const board = await replay(sue, "Whiteboard");
  await expect(form.shown).toHaveCount(0);
  await expect(board.shown.locator("ngcc-board")).toHaveAttribute("data-count", "0");
  await board.position.press("End");
  await expect(board.shown.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await expect.poll(() => inked(sue, [0.45, 0.5])).toBe(true);
  await board.position.press("Home");
  await expect(board.shown.locator("ngcc-board")).toHaveAttribute("data-count", "0");
  await both(sue, "replay of a drawing", found);
  expect(found).toEqual([]);
});

test("a supervisor plays again which files lay in the tray and which addresses were suggested and what became of them", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await recorded(world);
  await begin(alice, visitor, "Files");
  await visitor.locator("ngcc-files input[type=file]").setInputFiles({ name: "bill.txt", mimeType: "text/plain", buffer: Buffer.from("a bill") });
  await expect(alice.locator("ngcc-files").getByText("bill.txt")).toBeVisible();
  await alice.locator("ngcc-files input[type=file]").setInputFiles({ name: "offer.txt", mimeType: "text/plain", buffer: Buffer.from("an offer") });
  await expect(visitor.locator("ngcc-files").getByText("offer.txt")).toBeVisible();
  await alice.locator("ngcc-files").getByRole("button", { name: "Remove offer.txt" }).click();
  await expect(visitor.locator("ngcc-files").getByText("offer.txt")).toHaveCount(0);
  await end(alice, "Files");
  await begin(alice, visitor, "Addresses");
  const entry = alice.locator("ngcc-links").getByRole("textbox", { name: "Address" });
  await entry.fill(`${world.centre.url}/demo/shop/cart.html`);
  await entry.press("Enter");
  const suggested = visitor.getByRole("alertdialog", { name: "Alice suggests to open:" });
  await expect(suggested).toBeVisible();
  await suggested.getByRole("button", { name: "Not now" }).click();
  await expect(alice.locator("ngcc-links")).toContainText("not wanted");
  await end(alice, "Addresses");

  const sue = await history(world, alice);
  const files = await replay(sue, "Files");
  await expect(files.shown.getByText("No file yet.")).toBeVisible();
  await until(files.shown, "offer.txt");
  await files.position.press("End");
  await expect(files.shown.getByText("bill.txt")).toBeVisible();
  await expect(files.shown.getByText("offer.txt")).toHaveCount(0);
  const found: string[] = [];
  await both(sue, "replay of files", found);
  const links = await replay(sue, "Addresses");
  await expect(links.shown.getByText("No address yet.")).toBeVisible();
  await until(links.shown, "not answered yet");
  await links.position.press("End");
  await expect(links.shown.getByText("/demo/shop/cart.html")).toBeVisible();
  await expect(links.shown.getByText("not wanted")).toBeVisible();
  await both(sue, "replay of addresses", found);
  expect(found).toEqual([]);
});
