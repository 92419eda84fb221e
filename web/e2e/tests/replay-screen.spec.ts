import { type Locator } from "@playwright/test";

import { both } from "../src/axe.ts";
import { expect, test } from "../src/fixtures.ts";
import { closes, latestInHistory } from "../src/people.ts";
import { banner, GREEN, pane, SCREEN, show, SLATE } from "../src/screens.ts";
import { framesGrow, seesColour } from "../src/senses.ts";
import { talk } from "../src/sharing.ts";

/** Goes to a place, in seconds, and waits until its picture is there. */
async function seek(video: Locator, seconds: number): Promise<void> {
  await video.evaluate((el: HTMLVideoElement, to) => new Promise<void>((done) => {
    el.addEventListener("seeked", () => done(), { once: true });
    el.currentTime = to;
  }), seconds);
}

const now = (video: Locator): Promise<number> => video.evaluate((el: HTMLVideoElement) => el.currentTime);

test("a supervisor plays again the screen that a customer showed, with when it was paused, and seeks in it", async ({ world }) => {
  world.centre.ask("queue", "set", "sales", "--record-sharing", "true");
  const { alice, visitor } = await talk(world, undefined, undefined, SCREEN);
  await show(visitor);
  await expect(banner(visitor)).toContainText("This is recorded");
  await expect(pane(alice)).toContainText("This is recorded");
  await seesColour(alice, GREEN);
  await framesGrow(alice);
  await banner(visitor).getByRole("button", { name: "Pause" }).click();
  await seesColour(alice, SLATE);
  await banner(visitor).getByRole("button", { name: "Go on" }).click();
  await seesColour(alice, GREEN);
  await framesGrow(alice);
  await banner(visitor).getByRole("button", { name: "Stop" }).click();
  await expect(banner(visitor)).toHaveCount(0);
  await closes(alice);

  const sue = await latestInHistory(world);
  const parts: string[] = [];
  sue.on("response", (answer) => {
    if (answer.url().includes("/recordings/collab/")) parts.push(`${answer.status()} ${answer.headers()["content-type"]}`);
  });
  await sue.getByRole("button", { name: "Replay" }).click();
  const replay = sue.getByRole("region", { name: "Recording: Customer's screen", exact: true });
  const video = replay.locator("video");
  await expect(video).toHaveAttribute("aria-label", "Recording: Customer's screen");
  await expect.poll(() => video.evaluate((el: HTMLVideoElement) => el.readyState)).toBeGreaterThan(1);
  const length = await video.evaluate((el: HTMLVideoElement) => el.duration);
  expect(length).toBeGreaterThan(0.5);
  expect(length).toBeLessThan(90);
  await seesColour(sue, GREEN);
  // The browser's own keys play it.
  await video.focus();
  await video.press("Space");
  await expect.poll(() => now(video)).toBeGreaterThan(0.2);
  await video.evaluate((el: HTMLVideoElement) => el.pause());
  // Nowhere is anything but what the agent was shown of the screen.
  for (const place of [0.9, 0.5, 0.1, 0.7, 0.3]) {
    await seek(video, length * place);
    await seesColour(sue, GREEN);
  }
  await replay.getByRole("list", { name: "When it was paused" }).getByRole("button", { name: /^Went on at 0:/ }).click();
  await expect.poll(() => now(video)).toBeGreaterThan(0.1);
  await replay.getByRole("button", { name: /^Paused at 0:/ }).click();
  await seesColour(sue, GREEN);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.filter((part) => part !== "206 video/webm")).toEqual([]);
  const found: string[] = [];
  await both(sue, "replay of a screen", found);
  expect(found).toEqual([]);
});
