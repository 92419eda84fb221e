// Files and addresses between customer and agent, and the agent who calls a customer with whom there is no session.

import { readFileSync } from "node:fs";

import { type Locator, type Page } from "@playwright/test";

import { both } from "../src/axe.ts";
import { agent, closes, customer, statePill } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { drawLine, invite, talk } from "../src/sharing.ts";

/** What the browser saves when the button is pressed. */
async function saved(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Save ${name}` }).click()]);
  expect(download.suggestedFilename()).toBe(name);
  return readFileSync(await download.path());
}

async function allow(visitor: Page, title: string): Promise<void> {
  await visitor.getByRole("alertdialog", { name: title }).getByRole("button", { name: "Allow" }).click();
}

const link = (page: Page, n: number): Locator => page.locator(`ngcc-links [data-n="${n}"]`);

test("s3_08 an agent suggests a page: the customer is asked, the page changes, and the sharing goes on there", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world);
  await invite(alice, "Addresses");
  await allow(visitor, "Alice asks to suggest pages to you");
  const entry = alice.locator("ngcc-links").getByRole("textbox", { name: "Address" });
  await entry.fill("javascript:alert(1)");
  await entry.press("Enter");
  await expect(alice.locator("ngcc-links").getByRole("alert")).toContainText("www.example.com");
  const host = new URL(world.centre.url).host;
  await entry.fill(`${world.centre.url}/demo/shop/cart.html?from=alice`);
  await entry.press("Enter");
  await expect(link(alice, 1)).toContainText("not answered yet");
  const asked = visitor.getByRole("alertdialog", { name: "Alice suggests to open:" });
  await expect(asked.locator("b").filter({ hasText: host })).toHaveText(host);
  await expect(asked).toContainText("/demo/shop/cart.html?from=alice");
  expect(new URL(visitor.url()).pathname).toBe("/demo/shop/");
  const found: string[] = [];
  await both(alice, "console with addresses", found);
  await both(visitor, "customer's page with a suggestion", found);
  expect(found).toEqual([]);
  await asked.getByRole("button", { name: "Open" }).click();
  await visitor.waitForURL(/cart\.html\?from=alice$/);
  await expect(link(alice, 1)).toHaveAttribute("data-state", "opened");
  await expect(link(visitor, 1)).toHaveAttribute("data-state", "opened");
  await entry.fill(`${world.centre.url}/demo/shop/`);
  await entry.press("Enter");
  await asked.getByRole("button", { name: "Not now" }).click();
  await expect(link(alice, 2)).toContainText("not wanted");
  expect(new URL(visitor.url()).pathname).toBe("/demo/shop/cart.html");
  // The other way: beside the console, and only when the agent says so.
  const back = visitor.locator("ngcc-links").getByRole("textbox", { name: "Address" });
  await back.fill(`${world.centre.url}/demo/shop/?mine`);
  await back.press("Enter");
  await expect(link(alice, 3)).toBeVisible();
  expect(alice.context().pages().length).toBe(1);
  const [opened] = await Promise.all([alice.context().waitForEvent("page"), link(alice, 3).getByRole("button", { name: /^Open/ }).click()]);
  await opened.waitForURL(/shop\/\?mine$/);
  await expect(link(visitor, 3)).toHaveAttribute("data-state", "opened");
});

test("s3_06 customer and agent exchange files: each has the other's to the byte, and what is too large does not go", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world);
  await visitor.getByRole("button", { name: "Share", exact: true }).click();
  await visitor.getByRole("button", { name: /^Exchange files/ }).click();
  const [theirs, mine] = [visitor.locator("ngcc-files"), alice.locator("ngcc-files")];
  const picture = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256))]);
  await theirs.locator("input[type=file]").setInputFiles({ name: "发票 7.png", mimeType: "image/png", buffer: picture });
  await expect(mine.getByText("发票 7.png")).toBeVisible();
  expect((await saved(alice, "发票 7.png")).equals(picture)).toBe(true);
  const page = Buffer.from("<script>document.title = 'run'</script>");
  await mine.locator("input[type=file]").setInputFiles([
    { name: "offer.html", mimeType: "text/html", buffer: page },
    { name: "huge.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(26 * 1024 * 1024) },
  ]);
  await expect(mine.getByRole("alert").filter({ hasText: "This file is too large." })).toBeVisible();
  await expect(theirs.getByText("offer.html")).toBeVisible();
  expect((await saved(visitor, "offer.html")).equals(page)).toBe(true);
  const found: string[] = [];
  await both(alice, "console with files", found);
  await both(visitor, "customer's page with files", found);
  expect(found).toEqual([]);
  await Promise.all([alice.reload(), visitor.reload()]);
  await expect(mine.getByRole("button", { name: "Save offer.html" })).toBeVisible();
  await expect(theirs.getByRole("button", { name: "Remove offer.html" })).toHaveCount(0);
  await mine.getByRole("button", { name: "Remove offer.html" }).click();
  await expect(theirs.getByText("offer.html")).toHaveCount(0);
  await expect(theirs.locator("[data-file]")).toHaveCount(1);
});

test("s3_07 an agent calls a customer from history, with whom there is no session: the customer is asked, and both draw", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world);
  await closes(alice);
  await expect(statePill(alice)).toContainText("Ready");
  await alice.getByRole("button", { name: "History", exact: true }).click();
  await alice.getByRole("table").getByRole("button").first().click();
  await alice.getByRole("button", { name: "Share with this customer" }).click();
  const dialog = alice.getByRole("dialog", { name: "Share with a customer…" });
  await expect(dialog.getByRole("textbox", { name: "Customer" })).toHaveValue(/^web:vis_/);
  await dialog.getByLabel("What").selectOption({ label: "Whiteboard" });
  const found: string[] = [];
  await both(alice, "calling a customer", found);
  expect(found).toEqual([]);
  await dialog.getByRole("button", { name: "Invite" }).click();
  await allow(visitor, "Alice asks to draw with you");
  await drawLine(visitor, [0.3, 0.4], [0.5, 0.4]);
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
});

test("s3_07 a customer who has no page open is said to have none, and what is no customer is not called", async ({ world }) => {
  const alice = await agent(world, "alice");
  await customer(world);
  await alice.keyboard.press("Control+k");
  await alice.getByRole("combobox").fill("Share with");
  await alice.keyboard.press("Enter");
  const dialog = alice.getByRole("dialog", { name: "Share with a customer…" });
  await dialog.getByRole("textbox", { name: "Customer" }).fill("Wang Xiaoming");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("Please enter a customer such as web:vis_…");
  await dialog.getByRole("textbox", { name: "Customer" }).fill("web:vis_nobody");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect(alice.getByText("The customer has no page open.")).toBeVisible();
  await expect(statePill(alice)).toContainText("Ready");
});

test("s2_06 an agent writes to a customer from history: the chat comes up on their page, and one who is gone is said to be", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world);
  await closes(alice);
  await expect(statePill(alice)).toContainText("Ready");
  const write = alice.getByRole("button", { name: "Write to this customer" });
  const fromHistory = async (): Promise<void> => {
    await alice.getByRole("button", { name: "History", exact: true }).click();
    await alice.getByRole("table").getByRole("button").first().click();
    await write.click();
  };
  await fromHistory();
  const composer = alice.getByRole("textbox", { name: "Reply", exact: true });
  await composer.fill("Your parcel has arrived.");
  await composer.press("Enter");
  await expect(visitor.getByText("Your parcel has arrived.")).toBeVisible();
  await alice.getByRole("button", { name: "Close" }).click();
  await alice.getByRole("alertdialog").getByRole("button", { name: "Close" }).click();
  // It came through no queue: there is no wrap-up.
  await expect(statePill(alice)).toContainText("Ready");
  await visitor.close();
  await fromHistory();
  await expect(alice.getByText("The customer is not on the page now.")).toBeVisible();
  const found: string[] = [];
  await both(alice, "writing to a customer", found);
  expect(found).toEqual([]);
  await expect(statePill(alice)).toContainText("Ready");
});
