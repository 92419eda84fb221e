import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Collab, parse } from '../src/collab';
import type { Kind, Me } from '../src/wire';
import { FakeSocket, READY } from './fakes';

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function joined(me: Me = 'customer', more: object = {}, kind: Kind = 'cobrowse'): { collab: Collab; socket: FakeSocket } {
  const collab = new Collab({ server: 'http://x', collab: 'col_1', ticket: 'secret', kind, me });
  collab.start();
  const socket = FakeSocket.last;
  socket.open();
  socket.tell('ready', { ...READY, me, kind, ...more });
  return { collab, socket };
}

test('the ticket goes in the first frame and never into the address', () => {
  const { socket } = joined();
  expect(socket.url).toBe('ws://x/ws/collab/col_1');
  expect(socket.sent[0]).toEqual({ type: 'auth', data: { ticket: 'secret' } });
});

test('consents, questions, presence and pauses are what the server last said', () => {
  const { collab, socket } = joined();
  socket.tell('asked', { what: 'pointer', by: 'Alice' });
  expect([collab.state.asked, collab.other]).toEqual(['pointer', 'Alice']);
  socket.tell('consents', { view: true, pointer: true, control: false });
  expect([collab.state.asked, collab.state.consents]).toEqual([undefined, { view: true, pointer: true, control: false }]);
  socket.tell('paused', { on: true });
  socket.tell('people', { customer: { name: 'Wang', here: true }, agent: { name: 'Alice', here: false } });
  expect([collab.state.paused, collab.state.people.agent.here]).toEqual([true, false]);
});

test('a link that breaks connects again with the same ticket; one that was ended or replaced does not', async () => {
  for (const [code, link] of [[4410, 'over'], [4409, 'replaced'], [4401, 'refused']] as const) {
    FakeSocket.all = [];
    const { collab, socket } = joined();
    socket.close(code);
    await vi.advanceTimersByTimeAsync(20_000);
    expect([collab.state.link, FakeSocket.all.length]).toEqual([link, 1]);
  }
  FakeSocket.all = [];
  const { collab, socket } = joined();
  socket.close(1006);
  expect(collab.state.link).toBe('waiting');
  await vi.advanceTimersByTimeAsync(400);
  FakeSocket.last.open();
  expect([FakeSocket.all.length, FakeSocket.last.sent[0]?.data]).toEqual([2, { ticket: 'secret' }]);
});

test('the reason of the end is kept when the socket closes behind it', () => {
  const { collab, socket } = joined();
  socket.tell('ended', { why: 'closed' });
  socket.close(4410);
  expect([collab.state.link, collab.state.why]).toEqual(['over', 'closed']);
});

test('an answer is found by its id, an error by its code, and a lost one is offline', async () => {
  const { collab, socket } = joined('agent');
  const [done, refused, lost] = [collab.ask('act', {}), collab.ask('act', {}), collab.ask('act', {})];
  const [a, b] = socket.of('act');
  socket.tell('error', { code: 'masked' }, b?.id);
  socket.tell('acted', { n: 7 }, a?.id);
  socket.close(1006);
  expect(await done).toEqual({ ok: true, type: 'acted', data: { n: 7 } });
  expect(await refused).toEqual({ ok: false, code: 'masked' });
  expect(await lost).toEqual({ ok: false, code: 'offline' });
});

test('who comes late hears what was told of the page since its last snapshot, once and in order', async () => {
  const { collab, socket } = joined('agent');
  const rr = (...types: number[]) => socket.tell('rr', { events: types.map((type) => ({ type, data: {}, timestamp: 0 })) });
  rr(4, 2, 3);
  rr(3);
  rr(4, 2);
  rr(3);
  const heard: number[][] = [];
  collab.on('rr', ({ events }) => heard.push(events.map((e) => e.type)));
  rr(3, 3);
  await vi.advanceTimersByTimeAsync(0);
  // The new one may not overtake what was kept.
  expect(heard).toEqual([[4, 2], [3], [3, 3]]);
  expect(collab.isLate('rr')).toBe(true);
});

test('what is no frame is nothing', () => {
  expect(['', '3', 'null', '{}', '{"type":1}', '[]'].map(parse)).toEqual(Array(6).fill(undefined));
  expect(parse('{"type":"paused","data":{"on":true}}')).toEqual({ type: 'paused', data: { on: true } });
});

test('whoever looks on is named while they are there, and an end is told that it goes on without the conversation', () => {
  const { collab, socket } = joined('customer');
  expect([collab.lookers, collab.state.until]).toEqual([[], undefined]);
  const viewers = [{ name: 'Sue', here: true }, { name: 'Bob', here: false }];
  socket.tell('people', { ...READY.people, viewers });
  socket.tell('goes_on', { until: 5000 });
  expect([collab.lookers, collab.state.until]).toEqual([['Sue'], 5000]);
  const looks = joined('viewer', { until: 7000, people: { ...READY.people, viewers } }).collab;
  expect([looks.state.me, looks.other, looks.state.until]).toEqual(['viewer', 'Wang', 7000]);
});
