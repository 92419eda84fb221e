import { type Page } from "@playwright/test";

import { both } from "../src/axe.ts";
import { expect, test, type World } from "../src/fixtures.ts";
import { AGENT_HZ, OTHER_HZ, accept, agent, onThePhone } from "../src/people.ts";
import { Provider } from "../src/provider.ts";
import { hears } from "../src/senses.ts";
import { drawLine, inked } from "../src/sharing.ts";

/** A browser on a mobile phone. */
async function mobile(world: World): Promise<Page> {
  const page = await world.person();
  await page.setViewportSize({ width: 390, height: 844 });
  return page;
}

/** The agent makes a link and reads what stands there. */
async function makeLink(alice: Page, what: string): Promise<string> {
  await alice.getByRole("button", { name: "Collaborate" }).click();
  const dialog = alice.getByRole("dialog", { name: "Collaborate" });
  await expect(dialog.getByRole("button", { name: "Make a link" })).toHaveCount(0);
  await dialog.getByLabel("What").selectOption({ label: what });
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = dialog.getByLabel("Link for the customer");
  await expect(link).toHaveText(/\/join\/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  return (await link.textContent()) ?? "";
}

test("s3_08 a phone caller opens the agent's link on a mobile phone, both draw, a reload comes back, and nobody else gets in", async ({ world }) => {
  const { alice, phone } = await onThePhone(world);
  const link = await makeLink(alice, "Whiteboard");
  const found: string[] = [];
  await both(alice, "link", found);
  const visitor = await mobile(world);
  await visitor.goto(link);
  await both(visitor, "join", found);
  await visitor.getByRole("button", { name: "Join" }).click();
  const asked = visitor.getByRole("alertdialog", { name: /^Alice/ });
  await asked.getByRole("button", { name: "Allow" }).click();
  await expect(alice.getByRole("dialog", { name: "Collaborate" })).toHaveCount(0);
  await drawLine(visitor, [0.3, 0.5], [0.6, 0.5]);
  // The two boards have other proportions: on each the line is where it was drawn on the sheet, not on the screen.
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await both(visitor, "joined", found);
  await visitor.reload();
  await expect.poll(() => inked(visitor, [0.45, 0.5])).toBe(true);
  const other = await mobile(world);
  await other.goto(link);
  await other.getByRole("button", { name: "Join" }).click();
  await expect(other.getByText("This link is no longer good")).toBeVisible();
  await expect(other.getByRole("button")).toHaveCount(0);
  await hears(alice, OTHER_HZ);
  await phone.do({ do: "hears", hz: [AGENT_HZ] });
  await phone.do({ do: "hang_up" });
  await expect(visitor.getByText("Sharing is over. You can close this page.")).toBeVisible();
  expect(found).toEqual([]);
});

test("s3_09 a link that nobody made says so, in the language of the browser", async ({ world }) => {
  const visitor = await mobile(world);
  await visitor.addInitScript(() => Object.defineProperty(navigator, "language", { value: "zh-CN" }));
  await visitor.goto(`${world.centre.url}/join/0000-0000-0000-0000`);
  await visitor.getByRole("button", { name: "加入" }).click();
  await expect(visitor.getByText("此链接已失效")).toBeVisible();
  const found: string[] = [];
  await both(visitor, "no link", found);
  expect(found).toEqual([]);
});

test("s3_08 who writes by a channel is sent a link there, and draws with the agent in the browser that opens it", async ({ world }) => {
  const app = await Provider.start(world, "app", "2000");
  const alice = await agent(world, "alice");
  await app.writes("ann-1", "Ann", "It does not work");
  await accept(alice, "Chat");
  await alice.getByRole("button", { name: "Collaborate" }).click();
  const dialog = alice.getByRole("dialog", { name: "Collaborate" });
  await expect(dialog.getByRole("button", { name: "Invite" })).toBeDisabled();
  await dialog.getByLabel("What").selectOption({ label: "Whiteboard" });
  const found: string[] = [];
  await both(alice, "a link to a channel", found);
  await dialog.getByRole("button", { name: "Send a link" }).click();
  const sent = await app.reads(/\/join\//);
  const visitor = await mobile(world);
  await visitor.goto(/https?:\S+/.exec(sent)?.[0] ?? "");
  await visitor.getByRole("button", { name: "Join" }).click();
  await visitor.getByRole("alertdialog", { name: /^Alice/ }).getByRole("button", { name: "Allow" }).click();
  await expect(dialog).toHaveCount(0);
  await drawLine(visitor, [0.3, 0.5], [0.6, 0.5]);
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await expect(alice.getByRole("region", { name: "Whiteboard" }).getByRole("status").first()).toHaveText("With Ann");
  expect(found).toEqual([]);
  app.end();
});
