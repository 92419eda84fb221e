import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Contact, Message, Told } from "../wire/protocol";
import { Desk } from "./desk";

type Sent = { type: string; id?: string; data: { session?: string; what?: { type: string; key?: string; after?: number } } };

class FakeSocket {
  static all: FakeSocket[] = [];
  sent: Sent[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000): void {
    this.onclose?.({ code });
  }
  hear(type: string, data: unknown, id?: string): void {
    this.onmessage?.({ data: JSON.stringify({ type, data, id }) });
  }
  told(told: Told): void {
    this.hear("seat", told);
  }
  /** The verbs of a kind that were asked. */
  verbs(type: string): Sent[] {
    return this.sent.filter((frame) => frame.data.what?.type === type);
  }
}

const me = { user: "alice", display: "Alice", roles: ["agent"], permissions: ["serve", "message"], until: 0, csrf: "c" };
const message = (seq: number): Message => ({
  seq, id: `m${seq}`, at: seq, by: { is: "customer" }, content: { kind: "text", text: `${seq}` },
});
const contact = (last_seq: number): Contact => ({
  session: "s1", medium: "chat", user: "web:v1", display: null, dialled: "shop", queue: "sales", since: 0, joined: 1,
  standing: { is: "talk" }, customer: { is: "here" }, path: [], vars: {}, parties: [], leg: null, last_seq, disposition: null,
});
const answers: Record<string, unknown> = { "/api/v1/me": me, "/api/v1/ws-tickets": { ticket: "t" } };

const last = (): FakeSocket => {
  const socket = FakeSocket.all.at(-1);
  if (socket === undefined) throw new Error("no socket");
  return socket;
};

async function connected(): Promise<FakeSocket> {
  const socket = last();
  socket.onopen?.();
  await vi.advanceTimersByTimeAsync(0);
  socket.hear("ready", { epoch: 1, ...me, config: { people: [] }, presence: [] });
  return socket;
}

async function signedIn(): Promise<{ desk: Desk; socket: FakeSocket }> {
  const desk = new Desk();
  await desk.boot();
  return { desk, socket: await connected() };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", (url: string) => Promise.resolve(new Response(JSON.stringify(answers[url] ?? {}), { status: 200 })));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("what was said while the link broke is sent again with the same key, and stored once", async () => {
  const { desk, socket } = await signedIn();
  socket.told({ type: "contact", contact: contact(0) });
  desk.say("s1", { kind: "text", text: "Hi" }, false);
  const key = socket.verbs("say")[0]?.data.what?.key ?? "";
  socket.close(1006);
  await vi.advanceTimersByTimeAsync(1000);
  const again = await connected();
  expect(again.verbs("say").map((f) => f.data.what?.key)).toEqual([key]);
  again.told({ type: "accepted", session: "s1", key, seq: 1, at: 9 });
  again.told({ type: "accepted", session: "s1", key, seq: 1, at: 9 });
  const thread = desk.store.get().threads["s1"];
  expect(thread?.unsent).toEqual([]);
  expect(thread?.messages.map((m) => m.seq)).toEqual([1]);
});

test("what was said offline waits for the link", async () => {
  const { desk, socket } = await signedIn();
  socket.close(1006);
  desk.say("s1", { kind: "text", text: "Hi" }, false);
  expect(desk.store.get().threads["s1"]?.unsent.map((u) => u.failed)).toEqual([null]);
  await vi.advanceTimersByTimeAsync(1000);
  expect((await connected()).verbs("say")).toHaveLength(1);
});

test("a contact with messages that are not here is caught up from the last number, once", async () => {
  const { desk, socket } = await signedIn();
  socket.told({ type: "contact", contact: contact(3) });
  socket.told({ type: "contact", contact: contact(3) });
  expect(socket.verbs("resume").map((f) => f.data.what?.after)).toEqual([0]);
  socket.told({ type: "replay", session: "s1", messages: [message(1), message(2)], more: true });
  socket.told({ type: "replay", session: "s1", messages: [message(3)], more: false });
  socket.told({ type: "message", session: "s1", message: message(6) });
  expect(socket.verbs("resume").map((f) => f.data.what?.after)).toEqual([0, 3]);
  socket.told({ type: "replay", session: "s1", messages: [message(4), message(5), message(6)], more: false });
  expect(desk.store.get().threads["s1"]?.messages.map((m) => m.seq)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("what the store could not read is asked for again by itself, and no more once the contact is gone", async () => {
  const { socket } = await signedIn();
  socket.told({ type: "contact", contact: contact(3) });
  socket.told({ type: "not_replayed", session: "s1" });
  expect(socket.verbs("resume")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(socket.verbs("resume").map((f) => f.data.what?.after)).toEqual([0, 0]);
  socket.told({ type: "not_replayed", session: "s1" });
  socket.told({ type: "gone", session: "s1" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(socket.verbs("resume")).toHaveLength(2);
});

test("a message that the centre refuses is marked and not sent again", async () => {
  const { desk, socket } = await signedIn();
  desk.say("s1", { kind: "text", text: "Hi" }, false);
  const say = socket.verbs("say")[0];
  socket.hear("refused", { why: "closed" }, say?.id);
  await vi.advanceTimersByTimeAsync(0);
  expect(desk.store.get().threads["s1"]?.unsent[0]?.failed).toBe("closed");
  socket.close(1006);
  await vi.advanceTimersByTimeAsync(1000);
  expect((await connected()).verbs("say")).toHaveLength(0);
});

test("a message whose answer is late may be sent again, and is shown once when it was stored after all", async () => {
  const { desk, socket } = await signedIn();
  desk.say("s1", { kind: "text", text: "Hi" }, false);
  const say = socket.verbs("say")[0];
  socket.hear("refused", { why: "no answer" }, say?.id);
  await vi.advanceTimersByTimeAsync(0);
  const key = say?.data.what?.key ?? "";
  expect(desk.store.get().threads["s1"]?.unsent[0]?.failed).toBe("no_answer");
  desk.retry("s1", key);
  expect(socket.verbs("say").map((f) => f.data.what?.key)).toEqual([key, key]);
  socket.told({ type: "accepted", session: "s1", key, seq: 1, at: 9 });
  expect(desk.store.get().threads["s1"]).toMatchObject({ unsent: [], messages: [{ seq: 1 }] });
});

test("a colleague's message is acknowledged by its number as soon as it is here", async () => {
  const { socket } = await signedIn();
  const im = { id: "m1", n: 3, from: "agent:bob", to: "agent:alice", at: 1, is: "said", text: "hi" };
  for (const seq of [7, 8, 9]) socket.hear("im", { type: "message", agent: "agent:alice", seq, message: { ...im, id: `m${seq}`, n: seq } });
  await vi.advanceTimersByTimeAsync(100);
  expect(socket.sent.filter((f) => f.type === "im").map((f) => f.data)).toEqual([{ type: "list" }, { type: "got", seq: 9 }]);
  // A new connection counts anew: by then the page may be another person's.
  socket.close(1006);
  await vi.advanceTimersByTimeAsync(1000);
  const again = await connected();
  again.hear("im", { type: "message", agent: "agent:alice", seq: 1, message: { ...im, id: "m1", n: 1 } });
  await vi.advanceTimersByTimeAsync(100);
  expect(again.sent.filter((f) => f.type === "im").at(-1)?.data).toEqual({ type: "got", seq: 1 });
});

test("another page takes over: this one says so and does not fight for the seat", async () => {
  const { desk, socket } = await signedIn();
  socket.close(4409);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(desk.store.get().link).toBe("replaced");
  expect(FakeSocket.all).toHaveLength(1);
});

test("the end of the sign-in leads to the sign-in page", async () => {
  const { desk, socket } = await signedIn();
  socket.close(4401);
  expect(desk.store.get().phase).toEqual({ is: "signed_out", notice: "ended" });
});

test("what has come back is said to end once more, and only once each time", async () => {
  const { desk, socket } = await signedIn();
  const said = (): number => desk.store.get().toasts.filter((toast) => toast.text === "Sharing was ended.").length;
  const invited: Told = { type: "invited", session: "s1", collab: "c1", kind: "url", ticket: "t1", me: "agent" };
  const ended: Told = { type: "collab_ended", session: "s1", collab: "c1", why: "left" };
  for (const told of [invited, ended, ended]) socket.told(told);
  expect(said()).toBe(1);
  for (const told of [{ ...invited, ticket: "t2" }, ended]) socket.told(told);
  expect(said()).toBe(2);
});
