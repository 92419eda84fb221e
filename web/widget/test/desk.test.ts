import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lastSeq, unread, waiting } from '../src/core/chat';
import { Desk } from '../src/core/desk';
import * as storage from '../src/core/storage';
import { FakeSocket, install, settle, uninstall } from './fakes';

let arrived: number[];

beforeEach(() => {
  install();
  arrived = [];
  vi.stubGlobal('BroadcastChannel', undefined);
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify({ visitor: 'v', token: 't', until: Date.now() + 1e9 }))));
});
afterEach(uninstall);

/** A page of the shop, connected; without Web Locks, as in jsdom, it leads. */
async function page(session: { id: string; last_seq: number } | null, greet = true): Promise<{ desk: Desk; socket: FakeSocket }> {
  const desk = new Desk({ server: 'http://x', entry: 'shop', lang: () => 'en', arrived: (m) => arrived.push(m.seq) });
  if (greet) desk.greet();
  else desk.start();
  await settle();
  const socket = FakeSocket.last;
  socket.open();
  socket.tell('ready', { visitor: 'v', epoch: 1, session });
  return { desk, socket };
}
const agent = (seq: number) => ({ session: 'ses_1', message: { seq, id: `m${seq}`, at: seq, by: { is: 'agent', display: 'Alice' }, content: { kind: 'text', text: `t${seq}` } } });
const replay = (socket: FakeSocket, upTo: number) => {
  for (let n = 1; n <= upTo; n++) socket.tell('message', agent(n));
  socket.tell('replayed', { session: 'ses_1', up_to: upTo });
};

test('a flow is asked to greet once, and only where no session is open', async () => {
  const first = await page(null);
  expect(first.socket.of('session.start').length).toBe(1);
  first.socket.tell('session.opened', { session: 'ses_1' });
  const next = await page({ id: 'ses_1', last_seq: 0 });
  expect(next.socket.of('session.start')).toEqual([]);
});

test('what was said without a connection is sent by the next page under the same key, and forgotten with its ack', async () => {
  const { desk, socket } = await page({ id: 'ses_1', last_seq: 0 });
  socket.readyState = 0;
  desk.say({ kind: 'text', text: 'hello' });
  const [said] = storage.entry('shop').outbox ?? [];
  expect(said?.content).toEqual({ kind: 'text', text: 'hello' });
  const next = await page({ id: 'ses_1', last_seq: 0 });
  expect(next.socket.of('message.send').map((f) => [f.id, f.data['text']])).toEqual([[said?.key, 'hello']]);
  next.socket.tell('ack', { seq: 1, at: 1 }, said?.key);
  expect([waiting(next.desk.chat), storage.entry('shop').outbox]).toEqual([[], []]);
});

test('the next page asks for the whole conversation, knows what was read, and announces only what is new', async () => {
  const first = await page({ id: 'ses_1', last_seq: 2 });
  replay(first.socket, 2);
  first.desk.looked();
  const next = await page({ id: 'ses_1', last_seq: 3 });
  expect(next.socket.of('resume')[0]?.data).toEqual({ session: 'ses_1', last_seq: 0 });
  arrived = [];
  replay(next.socket, 3);
  expect([lastSeq(next.desk.chat), unread(next.desk.chat), arrived]).toEqual([3, 1, []]);
  next.socket.tell('message', agent(4));
  expect(arrived).toEqual([4]);
});

test('after the end nothing is remembered that would open the chat by itself', async () => {
  const { desk, socket } = await page({ id: 'ses_1', last_seq: 0 });
  expect(storage.entry('shop').session).toBe('ses_1');
  socket.tell('session.closed', { session: 'ses_1', cause: 'idle' });
  expect([storage.entry('shop').session, desk.chat.closed]).toEqual([undefined, { cause: 'idle' }]);
  desk.again();
  expect(socket.of('session.start').length).toBe(1);
});

test('typing is told at most every three seconds', async () => {
  const { desk, socket } = await page({ id: 'ses_1', last_seq: 0 });
  for (let n = 0; n < 10; n++) {
    desk.typing();
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(socket.of('typing').length).toBe(2);
});

test('a reset forgets the visitor, the conversation and the user', async () => {
  const { desk, socket } = await page({ id: 'ses_1', last_seq: 0 });
  desk.setUser({ id: '7', name: 'Li', hash: 'ab' });
  await settle();
  FakeSocket.last.open();
  expect(FakeSocket.last.sent[0]?.data['identity']).toEqual({ id: '7', name: 'Li', hash: 'ab' });
  desk.reset();
  expect([localStorage.getItem('ngcc'), socket.readyState, FakeSocket.last.readyState, desk.chat.session]).toEqual([null, 3, 3, undefined]);
});

test('a name without its proof is shown and claims nothing', async () => {
  const { desk } = await page({ id: 'ses_1', last_seq: 0 });
  desk.setUser({ id: '7', name: 'Li' });
  await settle();
  FakeSocket.last.open();
  expect(FakeSocket.last.sent[0]?.data).toMatchObject({ name: 'Li' });
  expect(FakeSocket.last.sent[0]?.data).not.toHaveProperty('identity');
});

test('a token of the page\'s server goes alone, and what the page knows is told on each connection and at each change', async () => {
  const { desk } = await page({ id: 'ses_1', last_seq: 0 });
  const told = (socket: FakeSocket) => socket.sent.filter((f) => f.type === 'attributes.set').map((f) => f.data['attributes']);
  desk.setAttributes({ cart: '3 items' });
  expect(told(FakeSocket.last)).toEqual([{ cart: '3 items' }]);
  desk.setUser({ jwt: 'a.b.c', name: 'Li' });
  await settle();
  FakeSocket.last.open();
  expect(FakeSocket.last.sent[0]?.data['identity']).toEqual({ jwt: 'a.b.c' });
  FakeSocket.last.tell('ready', { visitor: 'v', epoch: '1', session: null, max_upload: 1 });
  desk.setAttributes({ cart: '', visits: '2' });
  expect(told(FakeSocket.last)).toEqual([{ cart: '3 items' }, { cart: '', visits: '2' }]);
});
