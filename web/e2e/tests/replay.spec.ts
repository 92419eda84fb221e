import { both } from "../src/axe.ts";
import { closes, latestInHistory } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { allowed, banner, copy, minimiseChat, sharePage, spotOf, talk } from "../src/sharing.ts";

test("a supervisor plays again what a customer shared: masked as the agent saw it, with where the agent pointed", async ({ world }) => {
  world.centre.ask("queue", "set", "sales", "--record-sharing", "true");
  const { alice, visitor } = await talk(world, "/demo/shop/cart.html");
  await sharePage(visitor);
  await expect(banner(visitor)).toContainText("This is recorded");
  await expect(alice.getByRole("region", { name: "Customer's page" })).toContainText("This is recorded");
  await minimiseChat(visitor);
  await visitor.locator("form [name=card]").fill("4111 1111 1111 1111");
  await visitor.locator("form [name=city]").fill("Oslo");
  await expect(copy(alice).locator("[name=city]")).toHaveValue("Oslo");
  await allowed(alice, visitor, "point and draw");
  const { x, y } = await spotOf(alice, "[name=city]");
  await alice.mouse.move(x - 30, y);
  await alice.mouse.move(x, y, { steps: 5 });
  await expect(visitor.locator("ngcc-widget .dot")).toBeVisible();
  await visitor.locator("form [name=city]").fill("Bergen");
  await expect(copy(alice).locator("[name=city]")).toHaveValue("Bergen");
  await banner(visitor).getByRole("button", { name: "Stop" }).click();
  await expect(banner(visitor)).toHaveCount(0);
  await closes(alice);

  const sue = await latestInHistory(world);
  await sue.getByRole("button", { name: "Replay" }).click();
  const replay = sue.getByRole("region", { name: "Recording: Customer's page" });
  const position = replay.getByRole("slider", { name: "Position" });
  const city = replay.frameLocator("iframe").locator("[name=city]");
  await position.press("End");
  await expect(city).toHaveValue("Bergen");
  await expect(replay.frameLocator("iframe").locator("[name=card]")).toHaveValue("•••");
  await position.press("Home");
  await expect(position).toHaveValue("0");
  // Step by step to where it was another, and where the agent pointed.
  await expect(async () => {
    await position.press("ArrowRight");
    await expect(city).toHaveValue("Oslo", { timeout: 50 });
  }).toPass({ intervals: [10] });
  await expect(async () => {
    await position.press("ArrowRight");
    await expect(replay.locator("svg circle")).toHaveCount(1, { timeout: 50 });
  }).toPass({ intervals: [10] });
  await position.press("Home");
  await replay.getByLabel("Speed").selectOption("4×");
  await replay.getByRole("button", { name: "Play", exact: true }).click();
  await expect(city).toHaveValue("Bergen");
  await expect(replay.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  const found: string[] = [];
  await both(sue, "replay", found);
  expect(found).toEqual([]);
});
