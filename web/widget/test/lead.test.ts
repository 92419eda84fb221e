import { expect, test } from 'vitest';
import { Lead, type Locks } from '../src/core/lead';

/** Web Locks as the standard has them, for one name: a queue, `ifAvailable`, `steal`, and giving up by signal. */
class OneLock implements Locks {
  #holder: { lose(): void } | undefined;
  #queue: (() => void)[] = [];

  request(_: string, options: Parameters<Locks['request']>[1], run: (lock: unknown) => Promise<void>): Promise<unknown> {
    if (options.steal) {
      this.#holder?.lose();
      return this.#grant(run);
    }
    if (!this.#holder) return this.#grant(run);
    if (options.ifAvailable) return run(null);
    return new Promise((done, failed) => {
      const wait = () => done(this.#grant(run));
      this.#queue.push(wait);
      options.signal?.addEventListener('abort', () => {
        this.#queue = this.#queue.filter((w) => w !== wait);
        failed(new DOMException('', 'AbortError'));
      });
    });
  }

  #grant(run: (lock: unknown) => Promise<void>): Promise<unknown> {
    return new Promise((done, failed) => {
      const holder = { lose: () => failed(new DOMException('', 'AbortError')) };
      this.#holder = holder;
      void run({}).then(() => {
        done(undefined);
        if (this.#holder !== holder) return;
        this.#holder = undefined;
        this.#queue.shift()?.();
      });
    });
  }
}

function tabs(n: number): { locks: OneLock; all: Lead[]; leaders: () => number[] } {
  const locks = new OneLock();
  const all = Array.from({ length: n }, () => new Lead('x', locks, () => undefined));
  return { locks, all, leaders: () => all.flatMap((l, i) => (l.role === 'leader' ? [i] : [])) };
}
const settle = () => new Promise<void>((done) => setTimeout(done));

test('of several tabs exactly the first leads', async () => {
  const { all, leaders } = tabs(4);
  all.forEach((l) => l.start());
  await settle();
  expect(leaders()).toEqual([0]);
});

test('when the leading tab is closed another one leads', async () => {
  const { all, leaders } = tabs(3);
  all.forEach((l) => l.start());
  all[0]?.stop();
  await settle();
  expect(leaders()).toEqual([1]);
});

test('the tab in which the customer acts takes over, and the former leader follows and leads again later', async () => {
  const { all, leaders } = tabs(3);
  all.forEach((l) => l.start());
  all[2]?.take();
  await settle();
  expect(leaders()).toEqual([2]);
  all[2]?.stop();
  all[1]?.stop();
  await settle();
  expect(leaders()).toEqual([0]);
});

test('who only asks whether the lead is free does not take it', async () => {
  const { all, leaders } = tabs(2);
  expect(await all[0]?.tryNow()).toBe(true);
  expect(await all[1]?.tryNow()).toBe(false);
  expect(leaders()).toEqual([0]);
  all[0]?.release();
  await settle();
  expect(await all[1]?.tryNow()).toBe(true);
});

test('who leads only when asked does not wait for the lead after another tab took it', async () => {
  const { all, leaders } = tabs(3);
  await all[0]?.tryNow();
  all[1]?.take();
  await settle();
  all[1]?.release();
  await settle();
  expect(leaders()).toEqual([]);
  expect(await all[2]?.tryNow()).toBe(true);
});

test('without locks every tab leads and the centre decides', () => {
  const lead = new Lead('x', undefined, () => undefined);
  lead.start();
  expect(lead.role).toBe('leader');
});

test('a tab that waits and acts at once leads, whichever of its own locks is lost to the other', async () => {
  const held: { run: () => Promise<void>; lose: () => void }[] = [];
  const locks: Locks = {
    request: (_, __, run) => new Promise((done, failed) => held.push({ run: () => run({}).then(done), lose: () => failed(new DOMException('', 'AbortError')) })),
  };
  const roles: string[] = [];
  const lead = new Lead('x', locks, (role) => roles.push(role));
  lead.start();
  lead.take();
  // The browser grants the first, then takes it away for the second, and tells of the loss last.
  void held[0]?.run();
  void held[1]?.run();
  held[0]?.lose();
  await Promise.resolve();
  await Promise.resolve();
  expect([lead.role, roles]).toEqual(['leader', ['leader']]);
});
