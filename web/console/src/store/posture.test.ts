import { expect, test } from "vitest";
import type { SeatState } from "../wire/protocol";
import { postureOf } from "./posture";

const seat = (change: Partial<SeatState>): SeatState => ({
  availability: { is: "ready", since: 7 }, device: "browser", voice: { is: "free" }, chats: [], chat_capacity: 4, ...change,
});
const slot = (is: "talking" | "in_ivr") => ({ is, session: "s1", leg: "leg_1" });

test("the pill says what the call is, then what the seat is", () => {
  expect(postureOf(seat({})).posture).toBe("ready");
  expect(postureOf(seat({ voice: slot("talking") })).posture).toBe("talking");
  expect(postureOf(seat({ voice: slot("in_ivr") })).posture).toBe("in_ivr");
  expect(postureOf(seat({ availability: { is: "not_ready", reason: "missed", since: 1 } })).posture).toBe("missed");
  expect(postureOf(seat({ availability: { is: "not_ready", reason: "lunch", since: 1 } })).posture).toBe("busy");
  expect(postureOf(seat({ availability: { is: "logged_out" } })).posture).toBe("offline");
});

test("one chat of several leaves a ready seat ready", () => {
  expect(postureOf(seat({ chats: [slot("talking")] })).posture).toBe("ready");
});

test("ringing comes before everything", () => {
  const alerting = { is: "alerting" as const, reservation: "r", session: "s2", leg: "l" };
  expect(postureOf(seat({ voice: slot("talking"), chats: [alerting] })).posture).toBe("ringing");
});
