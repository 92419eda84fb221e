import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Contact, Invited } from "../wire/protocol";
import { Collabs } from "./collabs";
import { reduce } from "./reduce";
import { initial, type State } from "./state";

const invited = (collab: string, session = "s1", ticket = "t"): Invited => ({ session, collab, kind: "cobrowse", ticket });
const told = (state: State, what: object): State => reduce(state, { type: "told", told: what as never, now: 0 });
const contact: Contact = {
  session: "s1", medium: "chat", user: "web:v1", display: null, dialled: "shop", queue: null, since: 0, joined: 1, standing: { is: "talk" },
  customer: { is: "here" }, path: [], vars: {}, parties: [], leg: null, last_seq: 0, disposition: null,
};

test("an invitation is kept until it is over, its contact is gone, or nobody is signed in", () => {
  let state = told(told(initial, { type: "contact", contact }), { type: "invited", ...invited("c1") });
  state = told(state, { type: "invited", ...invited("c2") });
  expect(Object.keys(state.invited)).toEqual(["c1", "c2"]);
  state = told(state, { type: "collab_ended", session: "s1", collab: "c1", why: "left" });
  expect(Object.keys(state.invited)).toEqual(["c2"]);
  expect(reduce(state, { type: "collab_over", collab: "c2" }).invited).toEqual({});
  expect(told(state, { type: "gone", session: "s1" }).invited).toEqual({});
  expect(reduce(state, { type: "signed_out", notice: null }).invited).toEqual({});
});

test("an end that is told twice changes nothing the second time", () => {
  const state = told(initial, { type: "collab_ended", session: "s1", collab: "c1", why: "left" });
  expect(state.invited).toBe(initial.invited);
});

class FakeSocket {
  static OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 1;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(code = 1000): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => vi.unstubAllGlobals());

test("there is one socket for every invitation, and a new one only for a new ticket", () => {
  const collabs = new Collabs("https://desk.example", vi.fn());
  collabs.follow({ c1: invited("c1") });
  collabs.follow({ c1: invited("c1"), c2: invited("c2") });
  expect(FakeSocket.all.map((s) => s.url)).toEqual(["wss://desk.example/ws/collab/c1", "wss://desk.example/ws/collab/c2"]);
  collabs.follow({ c1: invited("c1", "s1", "another"), c2: invited("c2") });
  expect(FakeSocket.all.map((s) => s.readyState)).toEqual([3, 1, 1]);
  collabs.follow({});
  expect(FakeSocket.all.map((s) => s.readyState)).toEqual([3, 3, 3]);
  expect(collabs.of("c1")).toBeNull();
});

test("an end that its own socket tells is told on, with its reason", () => {
  const over = vi.fn();
  const collabs = new Collabs("https://desk.example", over);
  collabs.follow({ c1: invited("c1") });
  FakeSocket.all[0]?.onmessage?.({ data: JSON.stringify({ type: "ended", data: { why: "declined" } }) });
  expect(over).toHaveBeenCalledExactlyOnceWith("c1", "declined");
});

test("who is invited to look on joins as one who looks on", () => {
  const collabs = new Collabs("https://desk.example", vi.fn());
  collabs.follow({ c1: { ...invited("c1"), me: "viewer" }, c2: invited("c2") });
  expect([collabs.of("c1")?.state.me, collabs.of("c2")?.state.me]).toEqual(["viewer", "agent"]);
});
