import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Visitor, type VisitorEvents } from '../src/core/visitor';
import type { ServerFrame } from '../src/wire';
import { FakeSocket, install, settle, uninstall } from './fakes';

let links: string[];
let frames: ServerFrame[];
let issued: number;

beforeEach(() => {
  install();
  [links, frames, issued] = [[], [], 0];
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify({ visitor: 'v', token: `token ${++issued}`, until: Date.now() + 1e9 }))));
});
afterEach(uninstall);

const on: VisitorEvents = { link: (l) => links.push(l), frame: (f) => frames.push(f), ended: () => links.push('ended') };
const READY = { visitor: 'v', epoch: 1, session: null };

async function connected(): Promise<Visitor> {
  const visitor = new Visitor('http://x', () => ({ entry: 'shop', lang: 'en' }), on);
  visitor.connect();
  await settle();
  FakeSocket.last.open();
  return visitor;
}

test('the first frame is auth, and nothing counts as connected before ready', async () => {
  await connected();
  expect(FakeSocket.last.url).toBe('ws://x/ws/visitor');
  expect(FakeSocket.last.sent.map((f) => [f.type, f.data['token'], f.data['entry']])).toEqual([['auth', 'token 1', 'shop']]);
  expect(links).toEqual(['connecting']);
  FakeSocket.last.tell('ready', READY);
  expect(links).toEqual(['connecting', 'open']);
});

test('the visitor is the same after a lost connection, which is made again by itself', async () => {
  await connected();
  FakeSocket.last.tell('ready', READY);
  FakeSocket.last.close(1006);
  expect(links.at(-1)).toBe('waiting');
  await vi.advanceTimersByTimeAsync(250);
  FakeSocket.last.open();
  expect(FakeSocket.all.length).toBe(2);
  expect(FakeSocket.last.sent[0]?.data['token']).toBe('token 1');
  expect(issued).toBe(1);
});

test('a token that is refused is replaced by a new one, but not for ever', async () => {
  await connected();
  for (let n = 0; n < 5; n++) {
    FakeSocket.last.close(4401);
    await vi.advanceTimersByTimeAsync(2000);
    if (FakeSocket.last.readyState === 0) FakeSocket.last.open();
  }
  expect(issued).toBe(3);
  expect(links.at(-1)).toBe('refused');
});

test('an identity that is not proved costs no visitor their token', async () => {
  await connected();
  FakeSocket.last.tell('error', { code: 'identity', detail: '' });
  FakeSocket.last.close(4401);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([links.at(-1), issued, FakeSocket.all.length]).toEqual(['refused', 1, 1]);
});

test('who was replaced by another page does not fight for the place', async () => {
  await connected();
  FakeSocket.last.tell('ready', READY);
  FakeSocket.last.close(4409);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all.length).toBe(1);
  expect(links.at(-1)).toBe('replaced');
});

test('a socket on which no ready comes is given up and tried again', async () => {
  await connected();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(FakeSocket.all.length).toBeGreaterThan(1);
});

test('a page whose origin is refused is told so and does not ask again', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 403 })));
  const visitor = new Visitor('http://x', () => ({ entry: 'shop', lang: 'en' }), on);
  visitor.connect();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(links).toEqual(['connecting', 'refused']);
});

test('what is no frame is passed over', async () => {
  await connected();
  FakeSocket.last.tell('ready', READY);
  for (const data of ['', '{', '[]', 'null', '{"type":1}']) FakeSocket.last.onmessage?.({ data });
  expect(frames.map((f) => f.type)).toEqual(['ready']);
});

test('a token for calls is what the centre answers, and an error if the connection goes first', async () => {
  const visitor = await connected();
  FakeSocket.last.tell('ready', READY);
  const first = visitor.rtcToken();
  FakeSocket.last.tell('rtc.token', { token: 'once' });
  await expect(first).resolves.toBe('once');
  const second = visitor.rtcToken();
  FakeSocket.last.close(1006);
  await expect(second).rejects.toThrow('not connected');
});
