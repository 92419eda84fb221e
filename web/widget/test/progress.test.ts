import { expect, test } from 'vitest';
import { progress, stateOf, type Board, type Seat, type StepName } from '../demo/hub/progress';

const seat = (voice: string, availability = 'ready', chats: string[] = []): Seat => ({
  agent: 'alice', display: 'Alice', availability: { is: availability }, voice: { is: voice }, chats: chats.map((is) => ({ is })),
});
const board = (s: Seat, sessions = 1): Board => ({ queues: [], seats: [s], waiting: [], sessions });

test('the walk-through is ticked off in the order in which a hand-over is played', () => {
  let done = new Set<StepName>();
  const after = (b: Board) => [...(done = progress(done, b))];
  expect(after(board(seat('free'), 0))).toEqual(['ready']);
  expect(after(board(seat('alerting')))).toEqual(['ready', 'contact', 'queue']);
  expect(after(board(seat('talking')))).toEqual(['ready', 'contact', 'queue', 'talk']);
  expect(after(board(seat('in_ivr')))).toEqual(['ready', 'contact', 'queue', 'talk', 'auto']);
  expect(after(board(seat('talking')))).toEqual(['ready', 'contact', 'queue', 'talk', 'auto', 'back']);
  expect(after(board(seat('wrap_up')))).toEqual(['ready', 'contact', 'queue', 'talk', 'auto', 'back', 'wrap']);
});

test('an agent is in the state of what they do, voice or chat', () => {
  expect([seat('free'), seat('free', 'not_ready'), seat('free', 'logged_out'), seat('free', 'ready', ['talking']), seat('reserved'), seat('wrap_up')].map(stateOf))
    .toEqual(['ready', 'break', 'offline', 'talking', 'ringing', 'wrap']);
});
