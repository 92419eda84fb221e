import { AGENT_HZ, CUSTOMER_HZ, OTHER_HZ, accept, agent, board, calling, customer, onThePhone, openChat } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { captures, connectedAfter, framesGrow, hears, seesColour, stopScreen } from "../src/senses.ts";
import { banner, type Colour, css, GREEN, pane, SCREEN, show, SLATE } from "../src/screens.ts";
import { invite, talk } from "../src/sharing.ts";

const ORANGE: Colour = [230, 120, 20];

test("s3_06 a customer shows the screen from the chat, pauses and goes on, and the browser's own stop ends it", async ({ world }) => {
  const { alice, visitor } = await talk(world, undefined, undefined, SCREEN);
  await show(visitor);
  await seesColour(alice, GREEN);
  await framesGrow(alice);
  await expect(pane(alice).getByRole("status").first()).toHaveText(/^With/);
  await pane(alice).getByRole("button", { name: "Actual size" }).click();
  await expect(pane(alice).getByRole("button", { name: "Actual size" })).toHaveAttribute("aria-pressed", "true");
  expect(await pane(alice).locator("video").evaluate((v: HTMLVideoElement) => [v.clientWidth, v.videoWidth])).toEqual([320, 320]);
  await banner(visitor).getByRole("button", { name: "Pause" }).click();
  await expect(pane(alice).getByText("The customer has paused the sharing.")).toBeVisible();
  await expect(banner(visitor)).toContainText("paused");
  await seesColour(alice, SLATE);
  await banner(visitor).getByRole("button", { name: "Go on" }).click();
  await seesColour(alice, GREEN);
  await expect(pane(alice).getByText("The customer has paused the sharing.")).toHaveCount(0);
  // It is said for a few seconds only: it is looked for from the beginning.
  const said = expect(alice.getByText("Sharing was ended.")).toBeVisible();
  await stopScreen(visitor);
  await said;
  await expect(banner(visitor)).toHaveCount(0);
  await expect(pane(alice)).toHaveCount(0);
});

test("s3_06 what the browser itself captures of a tab is what the agent sees", async ({ world }) => {
  const { alice, visitor } = await talk(world, undefined, undefined, { screen: true });
  const paint = (colour: string) => visitor.evaluate((now) => {
    const marker = document.getElementById("marker") ?? document.body.appendChild(document.createElement("div"));
    marker.id = "marker";
    Object.assign(marker.style, { position: "fixed", inset: "0", zIndex: "2147480000", pointerEvents: "none", background: now });
  }, colour);
  await show(visitor);
  await paint(css(GREEN));
  await seesColour(alice, GREEN);
  await paint(css(ORANGE));
  await seesColour(alice, ORANGE);
});

test("s3_08 beside a browser's call an agent sees the screen the customer has chosen to show, and the sound goes on", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000", SCREEN);
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await show(caller);
  await seesColour(alice, GREEN);
  await hears(alice, CUSTOMER_HZ);
  await hears(caller, AGENT_HZ);
  await banner(caller).getByRole("button", { name: "Stop" }).click();
  await expect(pane(alice)).toHaveCount(0);
  expect(await captures(caller)).toBe(false);
  await hears(alice, CUSTOMER_HZ);
  await hears(caller, AGENT_HZ);
});

test("s3_08 a phone caller reads out a code and shows the screen of the page that shows it", async ({ world }) => {
  const { alice, phone } = await onThePhone(world);
  const visitor = await customer(world, SCREEN);
  await openChat(visitor);
  await visitor.getByRole("button", { name: "Share", exact: true }).click();
  await visitor.getByRole("button", { name: /^Show a code/ }).click();
  const code = visitor.getByLabel("Your code");
  await expect(code).toHaveText(/^\d{6}$/);
  await alice.getByRole("button", { name: "Collaborate" }).click();
  const dialog = alice.getByRole("dialog", { name: "Collaborate" });
  await dialog.getByLabel("What").selectOption({ label: "Customer's screen" });
  await dialog.getByLabel("Customer's code").fill((await code.textContent()) ?? "");
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect(pane(alice).getByText("Nothing is shown before the customer allows it.")).toBeVisible();
  const asked = visitor.getByRole("alertdialog", { name: "Alice asks to see your screen" });
  await asked.getByRole("button", { name: "Choose what to show" }).click();
  await seesColour(alice, GREEN);
  await hears(alice, OTHER_HZ);
  await phone.do({ do: "hears", hz: [AGENT_HZ] });
});

test("s3_11 after the agent's reload, a kill -9 and the customer's reload the screen is seen again", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world, undefined, undefined, SCREEN);
  await show(visitor);
  await seesColour(alice, GREEN);
  await alice.reload();
  await seesColour(alice, GREEN);
  await framesGrow(alice);
  const killed = Date.now();
  await world.centre.crash();
  await Promise.all([alice, visitor].map((page) => connectedAfter(page, killed, 30_000)));
  await seesColour(alice, GREEN);
  await framesGrow(alice);
  await visitor.reload();
  const again = visitor.getByRole("alertdialog", { name: "Go on showing your screen to Alice?" });
  await again.getByRole("button", { name: "Choose what to show" }).click();
  await expect(banner(visitor)).toContainText("sees your screen");
  await seesColour(alice, GREEN);
  await framesGrow(alice);
});

test("s3_09 a browser that cannot show its screen does not offer it, and an agent who asks is told", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await visitor.getByRole("button", { name: "Share", exact: true }).click();
  await expect(visitor.getByRole("button", { name: /^Share this page/ })).toBeVisible();
  await expect(visitor.getByRole("button", { name: /^Show my screen/ })).toHaveCount(0);
  await invite(alice, "Customer's screen");
  await expect(alice.getByText("The customer's browser, or this contact, cannot share that.")).toBeVisible();
  await expect(pane(alice)).toHaveCount(0);
});

test("s3_08 a supervisor sees the screen from the board while customer and agent are shown who looks on", async ({ world }) => {
  const { alice, visitor } = await talk(world, undefined, undefined, SCREEN);
  await show(visitor);
  await seesColour(alice, GREEN);
  const sue = await board(world);
  await sue.getByRole("button", { name: /^Watch: Customer's screen of / }).click();
  await expect(banner(visitor)).toContainText("Also looking: Sue");
  await expect(pane(alice)).toContainText("Also looking: Sue");
  await seesColour(sue, GREEN);
  await framesGrow(sue);
  await banner(visitor).getByRole("button", { name: "Pause" }).click();
  await seesColour(sue, SLATE);
  await banner(visitor).getByRole("button", { name: "Go on" }).click();
  await seesColour(sue, GREEN);
  await sue.getByRole("button", { name: "Stop watching" }).click();
  await expect(banner(visitor)).not.toContainText("Also looking");
  await expect(sue.locator("video")).toHaveCount(0);
  await framesGrow(alice);
});
