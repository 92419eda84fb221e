import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ScreenLeg } from '../src/screen';
import { FakeSocket } from './fakes';

/** A peer connection that negotiates, and is connected when a test says so. */
class FakePeer {
  static all: FakePeer[] = [];
  connectionState = 'new';
  signalingState = 'stable';
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  closed = false;
  sections: [unknown, string | undefined][] = [];

  constructor() {
    FakePeer.all.push(this);
  }

  static get last(): FakePeer {
    return FakePeer.all.at(-1) as FakePeer;
  }

  addTransceiver(what: unknown, init: { direction?: string }): void {
    this.sections.push([what, init.direction]);
  }

  async setLocalDescription(): Promise<void> {
    this.signalingState = 'have-local-offer';
    this.localDescription = { sdp: `offer ${FakePeer.all.length}` };
  }

  async setRemoteDescription(): Promise<void> {
    this.signalingState = 'stable';
  }

  be(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close(): void {
    this.closed = true;
  }
}

let tokens: number;
let links: string[];
const track = { kind: 'video' } as unknown as MediaStreamTrack;

function leg(shown?: MediaStreamTrack): ScreenLeg {
  const made: ScreenLeg = new ScreenLeg({
    server: 'http://x', collab: 'col_1', token: () => Promise.resolve(`token ${++tokens}`),
    changed: () => links.push(made.link), ...(shown && { track: shown }),
  });
  made.start();
  return made;
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const pause = () => vi.advanceTimersByTimeAsync(2_000);

/** Connected, offered, answered and up. */
async function up(made: ScreenLeg, legs: object[] = []): Promise<FakeSocket> {
  await settle();
  const socket = FakeSocket.last;
  socket.open();
  socket.tell('ready', { epoch: 'e', legs });
  await settle();
  if (legs.length === 0) socket.tell('leg.created', { leg: 'leg_1' });
  socket.tell('leg.answer', { leg: 'leg_1', sdp: 'answer' });
  await settle();
  FakePeer.last.be('connected');
  expect(made.link).toBe('up');
  return socket;
}

beforeEach(() => {
  [tokens, links, FakeSocket.all, FakePeer.all] = [0, [], [], []];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('RTCPeerConnection', FakePeer);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('it says which collaboration it is for, and offers pictures one way and no sound', async () => {
  const socket = await up(leg(track));
  expect(socket.sent.map((f) => [f.type, f.data])).toEqual([
    ['auth', { token: 'token 1', collab: 'col_1' }],
    ['leg.offer', { collab: 'col_1', sdp: 'offer 1' }],
  ]);
  expect(FakePeer.last.sections).toEqual([['audio', 'inactive'], [track, 'sendonly']]);
  await up(leg());
  expect(FakePeer.last.sections).toEqual([['audio', 'inactive'], ['video', 'recvonly']]);
});

test('a leg that the server has is taken up again, over a lost socket and by a new page', async () => {
  const made = leg();
  const first = await up(made);
  first.close(4503);
  expect(made.link).toBe('waiting');
  await pause();
  const second = await up(made, [{ leg: 'leg_1', state: 'up' }]);
  expect(second.of('auth')[0]?.data['token']).toBe('token 2');
  expect([second.of('leg.offer').length, second.of('leg.reattach').map((f) => f.data['leg'])]).toEqual([0, ['leg_1']]);
  expect(FakePeer.all.map((pc) => pc.closed)).toEqual([true, false]);
});

test('a connection that fails gets another on the same leg; without a socket that waits for one', async () => {
  const made = leg();
  const socket = await up(made);
  FakePeer.last.be('failed');
  await pause();
  expect(socket.of('leg.reattach').length).toBe(1);
  FakePeer.last.be('disconnected');
  socket.close(1006);
  FakePeer.last.be('failed');
  await pause();
  expect([FakeSocket.all.length, FakePeer.all.length]).toEqual([2, 2]);
});

test('a leg that has ended is offered anew, and a refused offer once more after a pause', async () => {
  const socket = await up(leg(track));
  socket.tell('leg.bye', { leg: 'leg_of_another', cause: 'lost' });
  await pause();
  expect(socket.of('leg.offer').length).toBe(1);
  socket.tell('leg.bye', { leg: 'leg_1', cause: 'lost' });
  await pause();
  expect(socket.of('leg.offer').length).toBe(2);
  socket.tell('error', { code: 'too_many' });
  await pause();
  expect(socket.of('leg.offer').length).toBe(3);
});

test('another page of the same person has them now: this one stays away', async () => {
  const made = leg();
  const socket = await up(made);
  socket.close(4409);
  await pause();
  expect([made.link, FakeSocket.all.length, FakePeer.last.closed]).toEqual(['replaced', 1, true]);
});

test('whoever stops takes leave', async () => {
  const made = leg(track);
  const socket = await up(made);
  made.stop();
  expect(socket.of('leg.bye').map((f) => f.data)).toEqual([{ leg: 'leg_1' }]);
  await pause();
  expect([FakeSocket.all.length, FakePeer.last.closed, socket.readyState]).toEqual([1, true, 3]);
});
