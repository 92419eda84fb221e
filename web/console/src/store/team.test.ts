import { expect, test } from "vitest";
import type { ImConversation, ImListed, ImMessage } from "../wire/protocol";
import {
  discarded, emptyTeam, listed, looked, ordered, readBy, readers, receive, refused, seen, send, stillTyping, stored, talkWith,
  unreadOf, withOf, writes, type ImUnsent, type Team,
} from "./team";

const BOB = "agent:bob";
const ME = "agent:alice";
const GROUP = "grp_1";
const said = (n: number, from: string, to: string, names: string[] = []): ImMessage =>
  ({ id: `${to}-${n}`, n, from, to, at: n, is: "said", text: `${n}`, names });
const list = (who: string, last: ImMessage, unread: number, more: Partial<ImListed> = {}): ImListed =>
  ({ with: who, member: true, read: 0, unread, named: false, last, ...more });
const part = (who: string, messages: ImMessage[], older: boolean, newer: boolean): ImConversation =>
  ({ type: "conversation", agent: ME, with: who, name: null, members: [], messages: messages.toReversed(), older, newer });
const numbers = (team: Team, who: string): number[] => talkWith(team, who).messages.map((m) => m.n);
const unread = (team: Team, who: string): [number, boolean] => [talkWith(team, who).unread, talkWith(team, who).named];

test("a message belongs to who it is with, or to its group", () => {
  expect([said(1, BOB, ME), said(2, ME, BOB), said(3, BOB, GROUP)].map((m) => withOf(m, ME))).toEqual([BOB, BOB, GROUP]);
});

test("s1_08 a colleague's message counts and is shown once, however often it is forwarded", () => {
  const open = looked(emptyTeam, part(BOB, [], false, false), { is: "newest" });
  const once = receive(open, said(1, BOB, ME), ME, false);
  const twice = receive(once, said(1, BOB, ME), ME, false);
  expect(numbers(twice, BOB)).toEqual([1]);
  expect(unreadOf(twice)).toBe(1);
});

test("what comes into the conversation that is looked at, or is one's own, is not unread", () => {
  expect(unreadOf(receive(emptyTeam, said(1, BOB, ME), ME, true))).toBe(0);
  expect(unreadOf(seen(receive(emptyTeam, said(1, BOB, ME), ME, false), BOB))).toBe(0);
  expect(unreadOf(stored(emptyTeam, "k", said(1, ME, GROUP), ME))).toBe(0);
});

test("a message that names me marks its conversation until it is read, in a group too", () => {
  const named = receive(receive(emptyTeam, said(1, BOB, GROUP, [ME]), ME, false), said(2, BOB, GROUP), ME, false);
  expect(unread(named, GROUP)).toEqual([2, true]);
  expect(unread(seen(named, GROUP), GROUP)).toEqual([0, false]);
  expect(unread(receive(emptyTeam, said(1, BOB, GROUP, [BOB]), ME, false), GROUP)).toEqual([1, false]);
});

test("s2_02 what was sent stays unsent until it is stored, and what is refused until it is sent again or discarded", () => {
  const unsent: ImUnsent = { key: "k", to: BOB, text: "hi", quote: null, file: null, names: [], at: 1, failed: null };
  const sent = send(send(emptyTeam, unsent), unsent);
  expect(sent.unsent).toHaveLength(1);
  expect(refused(sent, "k", "no").unsent[0]?.failed).toBe("no");
  expect(discarded(sent, "k").unsent).toEqual([]);
  const open = looked(sent, part(BOB, [], false, false), { is: "newest" });
  const kept = stored(open, "k", said(1, ME, BOB), ME);
  expect([kept.unsent.length, numbers(kept, BOB)]).toEqual([0, [1]]);
});

test("the server's count holds, and what came while it was on its way is added once", () => {
  const counted = listed(emptyTeam, [list(BOB, said(5, BOB, ME), 3)]);
  expect(unread(counted, BOB)).toEqual([3, false]);
  // What waits in the box comes behind the list that counts it.
  expect(unread(receive(counted, said(4, BOB, ME), ME, false), BOB)).toEqual([3, false]);
  const live = receive(counted, said(6, BOB, ME), ME, false);
  expect(unread(live, BOB)).toEqual([4, false]);
  expect(unread(listed(live, [list(BOB, said(5, BOB, ME), 3)]), BOB)).toEqual([4, false]);
  const first = receive(emptyTeam, said(6, BOB, ME), ME, false);
  expect(unread(listed(first, [list(BOB, said(5, BOB, ME), 3)]), BOB)).toEqual([4, false]);
});

test("a window is moved without a hole: older, newer, around a hit, and back to the end", () => {
  const of = (...ns: number[]): ImMessage[] => ns.map((n) => said(n, BOB, ME));
  const end = looked(emptyTeam, part(BOB, of(8, 9), true, false), { is: "newest" });
  const more = looked(end, part(BOB, of(6, 7), true, true), { is: "before", n: 8 });
  expect([numbers(more, BOB), talkWith(more, BOB).older, talkWith(more, BOB).newer]).toEqual([[6, 7, 8, 9], true, false]);
  const hit = looked(more, part(BOB, of(1, 2, 3), false, true), { is: "around", n: 2 });
  expect([numbers(hit, BOB), talkWith(hit, BOB).older, talkWith(hit, BOB).newer]).toEqual([[1, 2, 3], false, true]);
  // What comes meanwhile is no part of what is looked at, and still counts.
  const live = receive(hit, said(10, BOB, ME), ME, false);
  expect([numbers(live, BOB), talkWith(live, BOB).last?.n, unreadOf(live)]).toEqual([[1, 2, 3], 10, 1]);
  const behind = looked(live, part(BOB, of(4, 5), true, true), { is: "after", n: 3 });
  expect(numbers(behind, BOB)).toEqual([1, 2, 3, 4, 5]);
  const back = looked(behind, part(BOB, of(9, 10), true, false), { is: "newest" });
  expect([numbers(back, BOB), talkWith(back, BOB).newer]).toEqual([[9, 10], false]);
  // An answer that was asked for before the window moved takes its place.
  expect(numbers(looked(back, part(BOB, of(4, 5), true, true), { is: "before", n: 6 }), BOB)).toEqual([4, 5]);
});

test("a group's lines say its name and who is in it", () => {
  const change = (n: number, from: string, what: (ImMessage & { is: "changed" })["change"]): ImMessage =>
    ({ id: `c${n}`, n, from, to: GROUP, at: n, is: "changed", change: what });
  let team = receive(emptyTeam, change(1, BOB, { to: "made", name: "Night", members: [BOB, ME] }), ME, false);
  team = receive(team, change(2, BOB, { to: "added", who: ["agent:carol"] }), ME, false);
  team = receive(team, change(3, BOB, { to: "renamed", name: "Day" }), ME, false);
  const members = (): string[] => talkWith(team, GROUP).members.map((m) => m.agent);
  expect([talkWith(team, GROUP).name, members(), unreadOf(team)]).toEqual(["Day", [BOB, ME, "agent:carol"], 0]);
  team = receive(team, change(4, "agent:carol", { to: "left" }), ME, false);
  team = receive(team, change(5, BOB, { to: "removed", who: [ME] }), ME, false);
  expect([members(), talkWith(team, GROUP).member]).toEqual([[BOB], false]);
});

test("how many have read a message follows their marks, which never go back", () => {
  const answer = { ...part(GROUP, [said(1, ME, GROUP), said(2, ME, GROUP)], false, false), members: [{ agent: ME, read: 0 }, { agent: BOB, read: 0 }] };
  const team = readBy(readBy(looked(emptyTeam, answer, { is: "newest" }), GROUP, BOB, 1), GROUP, BOB, 0);
  expect([1, 2].map((n) => readers(talkWith(team, GROUP), said(n, ME, GROUP)))).toEqual([1, 0]);
});

test("the first message of two is read by the other, though nobody has told who they are", () => {
  const first = said(1, ME, BOB);
  const team = readBy(stored(emptyTeam, "k1", first, ME), BOB, BOB, 1);
  expect(readers(talkWith(team, BOB), first)).toBe(1);
});

test("conversations are ordered by their last message", () => {
  const team = receive(receive(emptyTeam, said(1, BOB, ME), ME, false), said(2, BOB, GROUP), ME, false);
  expect(ordered(team).map(({ who }) => who)).toEqual([GROUP, BOB]);
  expect(ordered(receive(team, said(3, BOB, ME), ME, false)).map(({ who }) => who)).toEqual([BOB, GROUP]);
});

test("who writes is shown until their message comes or the time is over", () => {
  const team = writes(emptyTeam, BOB, BOB, 1000);
  expect(team.typing[BOB]?.by).toBe(BOB);
  expect(receive(team, said(1, BOB, ME), ME, false).typing).toEqual({});
  expect(stillTyping(team, 5999)).toBe(team);
  expect(stillTyping(team, 6000).typing).toEqual({});
});
