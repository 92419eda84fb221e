import { expect, test } from "vitest";
import { serves } from "./flows";

test("a flow for calls serves a call with pictures too, and no chat", () => {
  const flow = { name: "pin-check", media: ["voice" as const], callable_by_agent: true };
  expect((["voice", "video", "chat"] as const).map((medium) => serves(flow, medium))).toEqual([true, true, false]);
  expect(serves({ ...flow, media: ["chat"] }, "video")).toBe(false);
});
