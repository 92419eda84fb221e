import { AGENT_HZ, CUSTOMER_HZ, accept, agent, calling } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { framesGrow, hears, seesColour } from "../src/senses.ts";

const RED: [number, number, number] = [220, 30, 30];
const BLUE: [number, number, number] = [30, 30, 220];
const css = ([r, g, b]: [number, number, number]) => `rgb(${r}, ${g}, ${b})`;

test("s3_01 a video call shows each side the other's picture, and hold leaves no frozen picture", async ({ world }) => {
  const alice = await agent(world, "alice", { hz: AGENT_HZ, colour: css(BLUE) });
  const caller = await world.person({ hz: CUSTOMER_HZ, colour: css(RED) });
  await caller.goto(`${world.centre.url}/widget/call.html?entry=2000&video=true`);
  await caller.getByRole("button", { name: "Video call" }).click();
  await accept(alice, "Video call");
  await seesColour(alice, RED);
  await seesColour(caller, BLUE);
  await framesGrow(alice);
  await framesGrow(caller);
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
  await alice.getByRole("button", { name: "Hold" }).click();
  await expect(caller.getByText("On hold").first()).toBeVisible();
  await expect(caller.getByLabel("Picture of the other side")).toHaveCount(0);
  await expect(alice.getByLabel("The customer's picture")).toHaveCount(0);
  await alice.getByRole("button", { name: "Resume" }).click();
  await seesColour(caller, BLUE);
  await seesColour(alice, RED);
  await hears(caller, AGENT_HZ);
});

test("s3_01 a call that began by voice gains pictures both ways", async ({ world }) => {
  const alice = await agent(world, "alice", { hz: AGENT_HZ, colour: css(BLUE) });
  const caller = await calling(world, "2000", { hz: CUSTOMER_HZ, colour: css(RED) });
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await caller.getByRole("button", { name: "Turn camera on" }).click();
  await alice.getByRole("button", { name: "Camera on" }).click();
  await seesColour(caller, BLUE);
  await seesColour(alice, RED);
  await framesGrow(alice);
  await framesGrow(caller);
  await hears(alice, CUSTOMER_HZ);
});
