import { expect, test } from "vitest";
import type { Contact, SeatState, Slot, Told } from "../wire/protocol";
import { offersOf } from "./offers";
import { reduce, type Action } from "./reduce";
import { initial, selectedOf, type State } from "./state";

const seat: SeatState = {
  availability: { is: "ready", since: 0 }, device: "browser", voice: { is: "free" }, chats: [], chat_capacity: 4,
};
const contact = (session: string, change: Partial<Contact> = {}): Contact => ({
  session, medium: "chat", user: "web:v1", display: null, dialled: "shop", queue: "sales", since: 0, joined: 1,
  standing: { is: "talk" }, customer: { is: "here" }, path: [], vars: {}, parties: [], leg: null, last_seq: 0,
  disposition: null, ...change,
});
const offered = (reservation: string, session: string): Told => ({
  type: "offered", reservation, session, medium: "chat", user: "web:v1", display: null, queue: "sales",
  waited_ms: 1000, path: [], at: 0, until: 20_000,
});
const told = (what: Told): Action => ({ type: "told", told: what, now: 1000 });
const run = (...actions: Action[]): State => actions.reduce(reduce, initial);
const talking = (session: string): Slot => ({ is: "talking", session, leg: "leg_1" });

test("s1_03 signing out forgets everything of the person before", () => {
  const state = run(
    { type: "signed_in", me: { user: "alice", display: "Alice", roles: [], permissions: ["serve"] } },
    { type: "start_answered" }, told({ type: "contact", contact: contact("s1") }),
    { type: "signed_out", notice: "left" });
  expect(state).toEqual({ ...initial, phase: { is: "signed_out", notice: "left" } });
});

test("who has changed takes the place of what was known of them, and who is no colleague any longer goes", () => {
  const present = (name: string, busy: boolean) => ({
    agent: `agent:${name}`, display: name, availability: { is: "ready" as const, since: 0 }, busy, here: true });
  const shown = (state: State) => state.presence.map((p) => [p.agent, p.busy]);
  const first = run(
    { type: "presence", presence: [present("alice", false), present("carol", false)] },
    { type: "presence", presence: [present("bob", false), present("alice", true)] });
  expect(shown(first)).toEqual([["agent:alice", true], ["agent:bob", false], ["agent:carol", false]]);
  const person = { agent: "agent:alice", display: "alice", device: "browser" as const };
  expect(shown(reduce(first, { type: "config", config: { people: [person] } }))).toEqual([["agent:alice", true]]);
});

test("colleagues who do not fit into the first frame follow, and a new list takes the place of all", () => {
  const person = (name: string) => ({ agent: `agent:${name}`, display: name, device: "browser" as const });
  const names = (state: State) => state.config.people.map((p) => p.display);
  const all = run({ type: "config", config: { people: [person("alice")] } }, { type: "people", people: [person("bob")] },
    { type: "people", people: [person("carol")] });
  expect(names(all)).toEqual(["alice", "bob", "carol"]);
  expect(names(reduce(all, { type: "config", config: { people: [person("dora")] } }))).toEqual(["dora"]);
});

test("an offer is shown until it is rescinded", () => {
  const open = run(told(offered("r1", "s1")), told(offered("r1", "s1")));
  expect(offersOf(open).map((o) => o.reservation)).toEqual(["r1"]);
  expect(offersOf(reduce(open, told({ type: "rescinded", reservation: "r1", cause: "no_answer" })))).toEqual([]);
});

test("an accepted offer's card goes when its contact talks", () => {
  const state = run(told(offered("r1", "s1")), told({ type: "contact", contact: contact("s1", { standing: { is: "alerting" } }) }));
  expect(state.offers).toHaveLength(1);
  expect(selectedOf(state)).toBeNull();
  const accepted = reduce(state, told({ type: "contact", contact: contact("s1") }));
  expect(accepted.offers).toEqual([]);
  expect(selectedOf(accepted)?.session).toBe("s1");
});

test("after a reload in mid-offer the card is there again, from the seat's slot", () => {
  const alerting: Slot = { is: "alerting", reservation: "r1", session: "s1", leg: "leg_1" };
  const state = run(
    told({ type: "state", ...seat, chats: [alerting] }),
    told({ type: "contact", contact: contact("s1", { standing: { is: "alerting" } }) }));
  expect(offersOf(state)).toMatchObject([{ reservation: "r1", session: "s1", until: null }]);
});

test("a call that the agent dials is no offer", () => {
  const alerting: Slot = { is: "alerting", reservation: "r1", session: "s1", leg: "leg_1" };
  const state = run(
    told({ type: "state", ...seat, voice: alerting }),
    told({ type: "contact", contact: contact("s1", { medium: "voice", standing: { is: "dialling" } }) }));
  expect(offersOf(state)).toEqual([]);
  expect(selectedOf(state)?.session).toBe("s1");
});

test("what ended while the link was down is gone after the next word about the seat, the rest is kept", () => {
  const before = run(
    told({ type: "contact", contact: contact("s1") }), told({ type: "contact", contact: contact("s2") }), told(offered("r3", "s3")));
  const after = [
    { type: "ready", data: {} }, told({ type: "state", ...seat, chats: [talking("s2")] }),
  ].reduce((state, action) => reduce(state, action as Action), before);
  expect(after.order).toEqual(["s2"]);
  expect(after.offers).toEqual([]);
  expect(reduce(after, told({ type: "state", ...seat })).order).toEqual(["s2"]);
});

test("a call out of a chat stands behind that chat, and other contacts behind the last", () => {
  const come = (...contacts: Contact[]): Action[] => contacts.map((c) => told({ type: "contact", contact: c }));
  const call = contact("call", { medium: "voice", beside: "s1" });
  const state = run(...come(contact("s1"), contact("s2"), call, contact("s3", { beside: "unknown" })));
  expect(state.order).toEqual(["s1", "call", "s2", "s3"]);
});

test("a contact that is given away leaves the next one selected", () => {
  const state = run(
    told({ type: "contact", contact: contact("s1") }), told({ type: "contact", contact: contact("s2") }),
    { type: "select", session: "s2" }, told({ type: "gone", session: "s2" }));
  expect(selectedOf(state)?.session).toBe("s1");
  expect(state.threads["s2"]).toBeUndefined();
});

test("s4_08 what automation found out is kept beside the contact", () => {
  const state = run(
    told({ type: "contact", contact: contact("s1", { standing: { is: "in_ivr", flow: "pin", step: ["ask", "collect"], listen: false } }) }),
    told({ type: "returned", session: "s1", outcome: { pin: "verified" } }));
  expect(state.returned["s1"]).toEqual({ pin: "verified" });
});

test("writing is shown until its message comes or its time is over", () => {
  const typing = run(told({ type: "typing", session: "s1", by: { is: "customer" } }));
  expect(typing.typing["s1"]).toBeDefined();
  expect(reduce(typing, { type: "typing_over", now: 10_000 }).typing).toEqual({});
  const message = { seq: 1, id: "m", at: 0, by: { is: "customer" as const }, content: { kind: "text" as const, text: "x" } };
  expect(reduce(typing, told({ type: "message", session: "s1", message })).typing).toEqual({});
});

test("a word of a newer server changes nothing", () => {
  const state = run(told({ type: "contact", contact: contact("s1") }));
  expect(reduce(state, told({ type: "sung", session: "s1" } as unknown as Told))).toBe(state);
});

test("reading never goes backwards", () => {
  const state = run(told({ type: "read", session: "s1", seq: 5 }), told({ type: "read", session: "s1", seq: 3 }));
  expect(state.threads["s1"]?.seen).toBe(5);
});
