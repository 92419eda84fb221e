import { AGENT_HZ, CUSTOMER_HZ, accept, agent, calling, statePill } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { framesGrow, hears, hearsSomething, seesColour } from "../src/senses.ts";

const RED: [number, number, number] = [220, 30, 30];
const BLUE: [number, number, number] = [30, 30, 220];
/** What is shown where there is nobody to see. */
const SLATE: [number, number, number] = [22, 30, 36];
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

test("a customer who began by voice shows themselves in mid-call, and the agent sees it come and go", async ({ world }) => {
  const alice = await agent(world, "alice");
  const caller = await calling(world, "2000", { hz: CUSTOMER_HZ, colour: css(RED) });
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await expect(alice.getByLabel("The customer's picture")).toHaveCount(0);
  await caller.getByRole("button", { name: "Turn camera on" }).click();
  await expect(alice.getByText("The customer has turned the camera on")).toBeVisible();
  await seesColour(alice, RED);
  await framesGrow(alice);
  await hears(alice, CUSTOMER_HZ);
  await alice.reload();
  await seesColour(alice, RED);
  await caller.getByRole("button", { name: "Turn camera off" }).click();
  await expect(alice.getByText("The customer has turned the camera off")).toBeVisible();
  await expect(alice.getByLabel("The customer's picture")).toHaveCount(0);
  await caller.getByRole("button", { name: "Turn camera on" }).click();
  await seesColour(alice, RED);
  await framesGrow(alice);
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
});

test("an agent shows a picture to a caller who shows none, and takes it away again", async ({ world }) => {
  const alice = await agent(world, "alice", { hz: AGENT_HZ, colour: css(BLUE) });
  const caller = await calling(world, "2000", { hz: CUSTOMER_HZ });
  await accept(alice);
  await hears(caller, AGENT_HZ);
  await expect(caller.getByLabel("Picture of the other side")).toHaveCount(0);
  await alice.getByRole("button", { name: "Camera on" }).click();
  await seesColour(caller, BLUE);
  await framesGrow(caller);
  await expect(alice.getByLabel("The customer's picture")).toHaveCount(0);
  await caller.reload();
  await seesColour(caller, BLUE);
  await hears(alice, CUSTOMER_HZ);
  await alice.getByRole("button", { name: "Camera off" }).click();
  await expect(caller.getByLabel("Picture of the other side")).toHaveCount(0);
  await hears(caller, AGENT_HZ);
});

test("a video call is given to automation, where the customer sees the slate, and the same agent and they see each other again", async ({ world }) => {
  const alice = await agent(world, "alice", { hz: AGENT_HZ, colour: css(BLUE) });
  const caller = await world.person({ hz: CUSTOMER_HZ, colour: css(RED) });
  await caller.goto(`${world.centre.url}/widget/call.html?entry=2000&video=true`);
  await caller.getByRole("button", { name: "Video call" }).click();
  await accept(alice, "Video call");
  await seesColour(alice, RED);
  await seesColour(caller, BLUE);
  for (let cycle = 0; cycle < 2; cycle++) {
    await alice.getByRole("button", { name: "To automation" }).click();
    await alice.getByLabel("Flow").selectOption("pin-check");
    await alice.getByRole("button", { name: "Hand over" }).click();
    await expect(statePill(alice)).toContainText("In automation");
    await seesColour(caller, SLATE);
    await hearsSomething(caller);
    await alice.getByRole("button", { name: "Take back" }).click();
    await expect(statePill(alice)).toContainText("Talking");
    await seesColour(caller, BLUE);
    await seesColour(alice, RED);
  }
  await framesGrow(alice);
  await framesGrow(caller);
  await hears(caller, AGENT_HZ);
  await hears(alice, CUSTOMER_HZ);
});
