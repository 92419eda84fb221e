import { expect, test } from "vitest";
import type { Message } from "../wire/protocol";
import { confirm, emptyThread, fail, hasGap, lastSeq, say, take, unread, type Thread } from "./thread";

const message = (seq: number, is: "customer" | "automation" = "customer"): Message => ({
  seq, id: `msg_${seq}`, at: seq * 1000, by: { is }, content: { kind: "text", text: `${seq}` },
});
const seqs = (thread: Thread): number[] => thread.messages.map((m) => m.seq);

/** The same draws every run. */
function draws(seed: number): () => number {
  let x = seed;
  return () => {
    x = (x * 1103515245 + 12345) % 2147483648;
    return x / 2147483648;
  };
}

test("messages are shown once and in order, whatever repeats", () => {
  const thread = [message(1), message(2), message(2), message(1), message(3)].reduce((t, m) => take(t, [m]), emptyThread);
  expect(seqs(thread)).toEqual([1, 2, 3]);
});

test("what lies beyond a gap waits for the gap", () => {
  const ahead = take(take(emptyThread, [message(1)]), [message(4), message(3)]);
  expect(seqs(ahead)).toEqual([1]);
  expect(hasGap(ahead)).toBe(true);
  expect(lastSeq(ahead)).toBe(1);
  const filled = take(ahead, [message(2)]);
  expect(seqs(filled)).toEqual([1, 2, 3, 4]);
  expect(hasGap(filled)).toBe(false);
});

test("over random cuts and replays nothing is lost, doubled or out of order", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = draws(seed);
    const stored = Array.from({ length: 30 }, (_, i) => message(i + 1));
    let thread = emptyThread;
    for (let i = 0; i < stored.length; i++) {
      const heard = stored[i];
      // A cut loses the live message; the replay after it may come late, twice, and shuffled.
      if (heard !== undefined && random() < 0.6) thread = take(thread, [heard]);
      if (random() < 0.3) {
        const replay = stored.slice(lastSeq(thread), i + 1).sort(() => random() - 0.5);
        thread = take(take(thread, replay), replay);
      }
    }
    thread = take(thread, stored.slice(lastSeq(thread)));
    expect(seqs(thread)).toEqual(stored.map((m) => m.seq));
    expect(hasGap(thread)).toBe(false);
  }
});

test("what was said becomes a message when it is on disk, and its echo does not double it", () => {
  const sent = say(emptyThread, { key: "k1", content: { kind: "text", text: "Hi" }, private: false, at: 5, failed: null });
  const by = { is: "agent" as const, agent: "agent:alice", display: "Alice" };
  const stored = confirm(sent, "k1", { seq: 1, id: "msg_1", at: 6, by });
  expect(stored.unsent).toEqual([]);
  expect(seqs(stored)).toEqual([1]);
  expect(seqs(take(stored, [{ ...message(1), by }]))).toEqual([1]);
  expect(confirm(stored, "k1", { seq: 2, id: "msg_2", at: 7, by })).toBe(stored);
});

test("an echo that comes before the confirmation does not double either", () => {
  const sent = say(emptyThread, { key: "k1", content: { kind: "text", text: "1" }, private: false, at: 5, failed: null });
  const echoed = take(sent, [message(1)]);
  const stored = confirm(echoed, "k1", { seq: 1, id: "msg_1", at: 6, by: { is: "customer" } });
  expect(seqs(stored)).toEqual([1]);
  expect(stored.unsent).toEqual([]);
});

test("a repeat under the same key replaces what is unsent, and a refusal marks it", () => {
  const unsent = { key: "k1", content: { kind: "text" as const, text: "Hi" }, private: false, at: 5, failed: null };
  const failed = fail(say(say(emptyThread, unsent), unsent), "k1", "too_many");
  expect(failed.unsent).toEqual([{ ...unsent, failed: "too_many" }]);
});

test("only what the customer wrote and nobody read is unread", () => {
  const thread = { ...take(emptyThread, [message(1), message(2, "automation"), message(3)]), read: 1 };
  expect(unread(thread)).toBe(1);
});
