import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as storage from '../src/core/storage';
import { Call } from '../src/voice/call';
import { FakePeer, FakeSocket, install, settle, uninstall } from './fakes';

beforeEach(install);
afterEach(uninstall);

const peer = () => FakePeer.all.at(-1) as FakePeer;
const make = () =>
  new Call({ server: 'http://x', entry: 'shop', synthetic: false, name: () => undefined, beside: () => 'ses_1', token: () => Promise.resolve('once') });

/** A socket that is there and has told which legs there are. */
async function line(legs: { leg: string; state: string }[] = [], epoch = 1): Promise<FakeSocket> {
  await vi.advanceTimersByTimeAsync(300);
  FakeSocket.last.open();
  FakeSocket.last.tell('ready', { epoch, legs });
  await settle();
  return FakeSocket.last;
}

async function calling(): Promise<{ call: Call; socket: FakeSocket }> {
  const call = make();
  await call.start(false);
  return { call, socket: await line() };
}

async function talking(): Promise<{ call: Call; socket: FakeSocket }> {
  const { call, socket } = await calling();
  socket.tell('leg.created', { leg: 'leg_1' });
  socket.tell('leg.answer', { leg: 'leg_1', sdp: 'answer' });
  socket.tell('leg.up', { leg: 'leg_1' });
  await settle();
  peer().be('connected');
  return { call, socket };
}

test('a call is offered once to its entry, beside the chat, and is up when the centre says so', async () => {
  const { call, socket } = await talking();
  expect(socket.sent.map((f) => f.type)).toEqual(['auth', 'leg.offer']);
  expect(socket.of('leg.offer')[0]?.data).toMatchObject({ entry: 'shop', beside: 'ses_1', sdp: 'offer of peer 0' });
  expect(call.state).toMatchObject({ stage: 'up', leg: 'leg_1', listen: true, problem: 'insecure' });
});

test('the next page takes the call up over a new connection, with what was chosen', async () => {
  const { call } = await talking();
  call.mute(true);
  const next = make();
  await next.comeBack();
  const socket = await line([{ leg: 'leg_1', state: 'up' }]);
  expect(socket.of('leg.reattach')[0]?.data).toMatchObject({ leg: 'leg_1' });
  socket.tell('leg.answer', { leg: 'leg_1', sdp: 'answer' });
  await settle();
  peer().be('connected');
  expect(next.state).toMatchObject({ stage: 'up', muted: true, leg: 'leg_1' });
});

test('a lost socket alone changes nothing in the sound: the call is found again and goes on', async () => {
  const { call, socket } = await talking();
  socket.close(1006);
  expect(call.state.stage).toBe('reconnecting');
  const again = await line([{ leg: 'leg_1', state: 'up' }]);
  expect(again.of('leg.reattach')).toEqual([]);
  expect([call.state.stage, FakePeer.all.length]).toEqual(['up', 1]);
});

test('a server that was started again is reattached to, though the connection looks well', async () => {
  const { socket } = await talking();
  socket.close(1006);
  const again = await line([{ leg: 'leg_1', state: 'up' }], 2);
  expect(again.of('leg.reattach')[0]?.data).toMatchObject({ leg: 'leg_1', sdp: 'offer of peer 1' });
  expect(FakePeer.all[0]?.closed).toBe(true);
});

test('a connection that fails is replaced on the same socket, and the call is lost only after the grace', async () => {
  const { call, socket } = await talking();
  peer().be('failed');
  await settle();
  expect(call.state.stage).toBe('reconnecting');
  expect(socket.of('leg.reattach').length).toBe(1);
  await vi.advanceTimersByTimeAsync(36_000);
  expect(call.state).toMatchObject({ stage: 'ended', ended: 'lost' });
  expect(storage.entry('shop').call).toBeUndefined();
});

test('a call that the centre no longer has is over', async () => {
  await talking();
  const next = make();
  await next.comeBack();
  await line([]);
  expect(next.state).toMatchObject({ stage: 'ended', ended: 'lost' });
});

test('an offer whose answer was lost with the socket makes no second call', async () => {
  const { call, socket } = await calling();
  expect(socket.of('leg.offer').length).toBe(1);
  socket.close(1006);
  const again = await line([{ leg: 'leg_7', state: 'calling' }]);
  expect(again.of('leg.offer')).toEqual([]);
  expect(again.of('leg.reattach')[0]?.data).toMatchObject({ leg: 'leg_7' });
  expect(call.state.leg).toBe('leg_7');
});

test('hanging up before the leg is known ends it as soon as it is', async () => {
  const { call, socket } = await calling();
  call.hangUp();
  socket.tell('leg.created', { leg: 'leg_1' });
  expect(socket.of('leg.bye')[0]?.data).toEqual({ leg: 'leg_1' });
  socket.tell('leg.bye', { leg: 'leg_1', cause: 'normal' });
  expect([socket.readyState, call.state.stage, storage.entry('shop').call]).toEqual([3, 'ended', undefined]);
});

test('hanging up without a connection is said when it is back', async () => {
  const { call, socket } = await talking();
  socket.close(1006);
  call.hangUp();
  const again = await line([{ leg: 'leg_1', state: 'up' }]);
  expect(again.of('leg.bye')[0]?.data).toEqual({ leg: 'leg_1' });
  expect(again.of('leg.reattach')).toEqual([]);
});

test('keys are shown only if they went to the centre, and only keys are', async () => {
  const { call, socket } = await talking();
  for (const k of ['1', 'x', '#', '12']) call.key(k);
  expect(socket.of('leg.key').map((f) => f.data['digit'])).toEqual(['1', '#']);
  socket.close(1006);
  call.key('5');
  expect(call.state.digits).toBe('1#');
});

test('a page whose call was taken by another lets go of it and does not end it', async () => {
  const { call, socket } = await talking();
  socket.close(4409);
  expect(call.state).toMatchObject({ stage: 'idle', elsewhere: true });
  expect([socket.of('leg.bye').length, peer().closed, storage.entry('shop').call?.leg]).toEqual([0, true, 'leg_1']);
});
