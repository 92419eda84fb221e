import { expect, test } from "vitest";
import type { ImMessage } from "../wire/protocol";
import { emptyTeam, history, open, receive, send, stored, talkWith, unreadOf } from "./team";

const message = (id: string, from: string, to: string, at: number, seq = at): ImMessage => ({ id, seq, from, to, at, text: id });
const BOB = "agent:bob";
const ME = "agent:alice";

test("s1_08 a colleague's message is shown once, however often it is forwarded", () => {
  const once = receive(emptyTeam, message("m1", BOB, ME, 1), null);
  const twice = receive(once, message("m1", BOB, ME, 1), null);
  expect(talkWith(twice, BOB).messages).toHaveLength(1);
  expect(unreadOf(twice)).toBe(1);
  expect(twice.got).toBe(1);
});

test("what comes into the conversation that is looked at is not unread", () => {
  expect(unreadOf(receive(emptyTeam, message("m1", BOB, ME, 1), BOB))).toBe(0);
  expect(unreadOf(open(receive(emptyTeam, message("m1", BOB, ME, 1), null), BOB))).toBe(0);
});

test("s2_02 what was sent stays unsent until it is stored", () => {
  const unsent = { key: "k", to: BOB, text: "hi", quote: null, at: 1, failed: null };
  const sent = send(send(emptyTeam, unsent), unsent);
  expect(sent.unsent).toHaveLength(1);
  const kept = stored(sent, "k", message("m1", ME, BOB, 2));
  expect(kept.unsent).toEqual([]);
  expect(talkWith(kept, BOB).messages.map((m) => m.id)).toEqual(["m1"]);
});

test("older messages come before newer ones, and a short answer says that there are no more", () => {
  const live = receive(emptyTeam, message("m3", BOB, ME, 3), BOB);
  const full = history(live, BOB, [message("m3", BOB, ME, 3), message("m2", ME, BOB, 2)], 2);
  expect(talkWith(full, BOB).messages.map((m) => m.id)).toEqual(["m2", "m3"]);
  expect(talkWith(full, BOB).complete).toBe(false);
  expect(talkWith(history(full, BOB, [message("m1", BOB, ME, 1)], 2), BOB).complete).toBe(true);
});

test("an unread message that names me marks the conversation until it is opened", () => {
  const named = receive(receive(emptyTeam, message("m1", BOB, ME, 1), null, true), message("m2", BOB, ME, 2), null);
  expect([talkWith(named, BOB).unread, talkWith(named, BOB).mentioned]).toEqual([2, true]);
  expect(talkWith(open(named, BOB), BOB).mentioned).toBe(false);
  expect(talkWith(receive(emptyTeam, message("m1", BOB, ME, 1), BOB, true), BOB).mentioned).toBe(false);
});
