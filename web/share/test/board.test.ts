import * as Y from 'yjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Board, touches, type Point, type Shape } from '../src/board';
import { Collab } from '../src/collab';
import { behind, changeOf } from '../src/text-view';
import { SharedDoc, bytesOf, textOf } from '../src/ydoc';
import { FakeSocket, READY } from './fakes';

/** The same draws every run. */
function draws(seed: number): (below: number) => number {
  let a = seed >>> 0;
  return (below) => {
    a = (Math.imul(a, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((a / 4_294_967_296) * below);
  };
}
const line = (n: number): Omit<Shape, 'id' | 'by'> => ({ is: 'line', colour: 'black', points: [[n, n], [n + 50, n]] });

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('three boards that are drawn on at random, in any order of what comes, are the same in the end', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const draw = draws(seed);
    const boards = (['customer', 'agent', 'agent'] as const).map((me) => new Board(new Y.Doc(), me));
    const boxes: Uint8Array[][] = [[], [], []];
    boards.forEach((board, n) => board.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'theirs') boxes.forEach((box, m) => m !== n && box.push(update));
    }));
    const deliver = (n: number) => {
      const box = boxes[n] as Uint8Array[];
      const [update] = box.splice(draw(box.length), 1);
      if (update) Y.applyUpdate((boards[n] as Board).doc, update, 'theirs');
    };
    for (let step = 0; step < 120; step++) {
      const n = draw(3);
      const board = boards[n] as Board;
      const what = draw(6);
      if (what < 3) board.add(line(draw(900)));
      else if (what === 3) board.erase([draw(900), draw(900)]);
      else if (what === 4) board.undo.undo();
      else deliver(n);
    }
    while (boxes.some((box) => box.length > 0)) boxes.forEach((box, n) => box.length > 0 && deliver(n));
    const ids = boards.map((board) => board.all().map((s) => s.id).join());
    expect([seed, ids[1] === ids[0], ids[2] === ids[0]]).toEqual([seed, true, true]);
  }
});

test('undo takes back what was drawn here, and nothing of the other\'s', () => {
  const [mine, theirs] = [new Board(new Y.Doc(), 'customer'), new Board(new Y.Doc(), 'agent')];
  mine.doc.on('update', (u: Uint8Array) => Y.applyUpdate(theirs.doc, u, 'x'));
  theirs.doc.on('update', (u: Uint8Array, o: unknown) => o !== 'x' && Y.applyUpdate(mine.doc, u, 'x'));
  mine.add(line(1));
  theirs.add(line(2));
  mine.undo.undo();
  mine.undo.undo();
  expect(mine.all().map((s) => s.by)).toEqual(['agent']);
  mine.undo.redo();
  expect(theirs.all().map((s) => s.by).sort()).toEqual(['agent', 'customer']);
  mine.removeMine();
  expect(theirs.all().map((s) => s.by)).toEqual(['agent']);
});

test('the eraser takes what it touches', () => {
  const shape = (is: Shape['is'], ...points: Point[]): Shape => ({ id: '1', by: 'agent', is, colour: 'red', points, text: 'word' });
  const rect = shape('rect', [100, 100], [300, 200]);
  expect([touches(rect, [100, 150]), touches(rect, [200, 150]), touches(rect, [400, 150])]).toEqual([true, false, false]);
  const ellipse = shape('ellipse', [100, 100], [300, 200]);
  expect([touches(ellipse, [200, 100]), touches(ellipse, [200, 150]), touches(ellipse, [104, 104])]).toEqual([true, false, false]);
  const pen = shape('pen', [0, 0], [100, 0], [100, 100]);
  expect([touches(pen, [50, 5]), touches(pen, [50, 50])]).toEqual([true, false]);
  expect(touches(shape('text', [10, 100]), [40, 90])).toBe(true);
});

test('what another end puts there that is no shape is left out, and an empty text is none', () => {
  const board = new Board(new Y.Doc(), 'customer');
  board.doc.getArray('shapes').push([null, 7, { is: 'pen' }, { is: 'pen', points: [['x', 1]] }]);
  board.add({ is: 'text', colour: 'black', points: [[1, 1]], text: '  ' });
  expect(board.all()).toEqual([]);
});

test('what was drawn while the link was away goes out with the next one, and is not doubled', async () => {
  const collab = new Collab({ server: 'http://x', collab: 'c', ticket: 't', kind: 'whiteboard', me: 'customer' });
  collab.start();
  const ready = (state: object) => {
    FakeSocket.last.open();
    FakeSocket.last.tell('ready', { ...READY, kind: 'whiteboard', state });
  };
  const server = new Y.Doc();
  ready({ update: textOf(Y.encodeStateAsUpdate(server)) });
  const { doc } = SharedDoc.of(collab);
  const board = new Board(doc, 'customer');
  board.add(line(1));
  await vi.advanceTimersByTimeAsync(50);
  const take = () => FakeSocket.last.of('y').forEach((f) => Y.applyUpdate(server, bytesOf(String(f.data['update']))));
  take();
  FakeSocket.last.close(1006);
  board.add(line(2));
  await vi.advanceTimersByTimeAsync(500);
  ready({ update: textOf(Y.encodeStateAsUpdate(server)) });
  take();
  expect(new Board(server, 'agent').all().map((s) => s.points[0]?.[0])).toEqual([1, 2]);
  FakeSocket.last.tell('y', { update: 'no update at all' });
  expect(board.all().length).toBe(2);
});

test('bytes go to text and back', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => n % 256);
  expect(bytesOf(textOf(bytes))).toEqual(bytes);
});

test('a change is found where it was made', () => {
  const cases: [string, string, number | undefined, [number, number, string]][] = [
    ['ab', 'axb', 2, [1, 0, 'x']], ['aaa', 'aaaa', 1, [0, 0, 'a']], ['aaa', 'aaaa', 4, [3, 0, 'a']], ['你好', '你们好', 2, [1, 0, '们']], ['abc', '', 0, [0, 3, '']],
    ['x😀', 'x😁', undefined, [1, 2, '😁']],
  ];
  for (const [before, after, caret, [at, gone, put]] of cases) expect(changeOf(before, after, caret)).toEqual({ at, gone, put });
  expect(changeOf('a', 'a', 1)).toBeUndefined();
});

test('a change made while the other wrote lands where it was meant', () => {
  expect(behind({ at: 5, gone: 0, put: '!' }, { at: 0, gone: 0, put: '>>' })).toEqual({ at: 7, gone: 0, put: '!' });
  expect(behind({ at: 0, gone: 1, put: '' }, { at: 3, gone: 2, put: '' })).toEqual({ at: 0, gone: 1, put: '' });
});

test('two texts that are written at random are the same in the end', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const draw = draws(seed);
    const docs = [new Y.Doc(), new Y.Doc()];
    for (let n = 0; n < 80; n++) {
      const text = (docs[draw(2)] as Y.Doc).getText('text');
      const before = text.toString();
      const at = draw(before.length + 1);
      const after = draw(4) === 0 ? before.slice(0, at) + before.slice(at + 2) : `${before.slice(0, at)}字${n}${before.slice(at)}`;
      const change = changeOf(before, after, undefined);
      if (change?.gone) text.delete(change.at, change.gone);
      if (change?.put) text.insert(change.at, change.put);
      expect(text.toString()).toBe(after);
      if (draw(5) === 0) docs.forEach((doc, k) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[1 - k] as Y.Doc)));
    }
    docs.forEach((doc, k) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[1 - k] as Y.Doc)));
    expect(docs[0]?.getText('text').toString()).toBe(docs[1]?.getText('text').toString());
  }
});
