import { expect, test } from 'vitest';
import { parse } from '../src/collab';

test('what is no frame is nothing', () => {
  expect(['', '3', 'null', '{}', '{"type":1}', '[]'].map(parse)).toEqual([undefined, undefined, undefined, undefined, undefined, undefined]);
  expect(parse('{"type":"paused","data":{"on":true}}')).toEqual({ type: 'paused', data: { on: true } });
});
