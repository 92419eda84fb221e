import { expect, test, vi } from "vitest";
import { Link, parseFrame, pauseMs, SignedOut, type Frame, type LinkEnv, type LinkState, type SocketLike } from "./socket";

class FakeSocket implements SocketLike {
  sent: { type: string; id?: string; data?: unknown }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000): void {
    this.onclose?.({ code });
  }
  hear(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

function world(auth: () => Promise<unknown> = () => Promise.resolve({ ticket: "t" })) {
  vi.useFakeTimers();
  const sockets: FakeSocket[] = [];
  const frames: Frame[] = [];
  const states: LinkState[] = [];
  const env: LinkEnv = {
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    auth,
    setTimer: (run, ms) => window.setTimeout(run, ms),
    clearTimer: (timer) => window.clearTimeout(timer),
    random: () => 1,
  };
  const link = new Link(env, (frame) => frames.push(frame), (state) => states.push(state));
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket");
    return socket;
  };
  const up = async (): Promise<FakeSocket> => {
    last().onopen?.();
    await vi.advanceTimersByTimeAsync(0);
    last().hear({ type: "ready", data: { epoch: 1 } });
    return last();
  };
  return { link, sockets, frames, states, last, up };
}

test("the first frame is auth with a fresh ticket, and ready makes the link up", async () => {
  const w = world();
  w.link.start();
  const socket = await w.up();
  expect(socket.sent).toEqual([{ type: "auth", data: { ticket: "t" } }]);
  expect(w.states).toEqual(["connecting", "up"]);
  expect(w.frames.map((f) => f.type)).toEqual(["ready"]);
});

test("an answer finds its question by id, and a refusal says why", async () => {
  const w = world();
  w.link.start();
  const socket = await w.up();
  const [first, second] = [w.link.ask("seat", {}), w.link.ask("seat", {})];
  const [a, b] = socket.sent.slice(1).map((f) => f.id);
  socket.hear({ type: "refused", id: b, data: { why: "no contact" } });
  socket.hear({ type: "ok", id: a });
  expect(await first).toMatchObject({ ok: true });
  expect(await second).toEqual({ ok: false, why: "no contact", lost: false });
});

test("a lost link fails what is asked as lost and connects again with a growing pause", async () => {
  const w = world();
  w.link.start();
  const socket = await w.up();
  const asked = w.link.ask("seat", {});
  socket.close(1006);
  expect(await asked).toEqual({ ok: false, why: "offline", lost: true });
  expect(w.link.state).toBe("waiting");
  await vi.advanceTimersByTimeAsync(299);
  expect(w.sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(w.sockets).toHaveLength(2);
  w.last().close(1006);
  await vi.advanceTimersByTimeAsync(449);
  expect(w.sockets).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(w.sockets).toHaveLength(3);
  await w.up();
  expect(w.link.attempt).toBe(0);
});

test("the pause stays short for some seconds, then doubles up to fifteen seconds, and is spread by half", () => {
  expect([0, 1, 2, 3, 9, 10, 11, 12, 13, 99].map((n) => pauseMs(n, 1)))
    .toEqual([300, 450, 675, 1000, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  expect(pauseMs(9, 0)).toBe(500);
});

test("replaced and refused links stay away until they are started again", async () => {
  for (const [code, state] of [[4409, "replaced"], [4401, "refused"], [4400, "refused"]] as const) {
    const w = world();
    w.link.start();
    (await w.up()).close(code);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(w.link.state).toBe(state);
    expect(w.sockets).toHaveLength(1);
    w.link.start();
    expect(w.sockets).toHaveLength(2);
  }
});

test("a slow reader waits five seconds, a stopping server is tried at once", async () => {
  const slow = world();
  slow.link.start();
  (await slow.up()).close(4429);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(slow.sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(slow.sockets).toHaveLength(2);
  const stopping = world();
  stopping.link.start();
  (await stopping.up()).close(4503);
  await vi.advanceTimersByTimeAsync(300);
  expect(stopping.sockets).toHaveLength(2);
});

test("who is signed out is not connected again", async () => {
  const w = world(() => Promise.reject(new SignedOut()));
  w.link.start();
  w.last().onopen?.();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(w.link.state).toBe("refused");
  expect(w.sockets).toHaveLength(1);
});

test("a server that does not answer in ten seconds is left", async () => {
  const w = world();
  w.link.start();
  await w.up();
  const asked = w.link.ask("seat", {});
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await asked).toEqual({ ok: false, why: "no_answer", lost: true });
  expect(w.link.state).toBe("waiting");
});

test("a late word of an old socket is not heard", async () => {
  const w = world();
  w.link.start();
  const old = await w.up();
  w.link.start();
  old.hear({ type: "seat", data: {} });
  old.close(4409);
  expect(w.link.state).toBe("connecting");
  expect(w.frames.map((f) => f.type)).toEqual(["ready"]);
});

test("what is no frame is no frame", () => {
  for (const bad of ["", "[]", "1", "{}", '{"type":1}', "{", new ArrayBuffer(1)]) expect(parseFrame(bad)).toBeNull();
  expect(parseFrame('{"type":"x","id":5,"data":1}')).toEqual({ type: "x", data: 1 });
});
