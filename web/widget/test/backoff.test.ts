import { expect, test } from 'vitest';
import { Backoff } from '../src/core/backoff';

test('attempts come within a second of each other while a start may be under way, and then ever more rarely', () => {
  const backoff = new Backoff(() => 0);
  const pauses = Array.from({ length: 16 }, () => backoff.next());
  expect(pauses.slice(0, 5)).toEqual([200, 300, 450, 675, 1000]);
  expect(Math.max(...pauses.slice(0, 10))).toBe(1000);
  expect(pauses.slice(10)).toEqual([2000, 4000, 8000, 15_000, 15_000, 15_000]);
  backoff.reset();
  expect(backoff.next()).toBe(200);
  expect(new Backoff(() => 1).next()).toBe(100);
});
