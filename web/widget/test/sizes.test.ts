import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { beforeAll, expect, test } from 'vitest';

/** What a page of somebody else's pays for the widget, in bytes of gzip. */
const BUDGET: Record<string, number> = {
  'loader.js': 3 * 1024, 'chat.js': 30 * 1024, 'voice.js': 10 * 1024,
  'sharing.js': 12 * 1024, 'sharing-zh.js': 3 * 1024, 'cobrowse.js': 30 * 1024, 'board.js': 45 * 1024, 'form.js': 5 * 1024, 'put.js': 5 * 1024, 'screen.js': 4 * 1024,
};
const files = new Map<string, string>();

beforeAll(async () => {
  const built = (await build({ logLevel: 'error', build: { write: false } })) as Rolldown.RolldownOutput | Rolldown.RolldownOutput[];
  for (const { output } of [built].flat()) {
    for (const item of output) if (item.type === 'chunk') files.set(item.fileName, item.code);
  }
}, 60_000);

test.each(Object.entries(BUDGET))('%s is within its budget', (name, budget) => {
  const code = files.get(name);
  expect(code).toBeDefined();
  expect(gzipSync(code ?? '', { level: 9 }).length).toBeLessThanOrEqual(budget);
});

test('the page that a link opens brings little of its own', () => {
  expect(gzipSync(files.get('join.js') ?? '', { level: 9 }).length).toBeLessThanOrEqual(3 * 1024);
  expect(files.has('join.js')).toBe(true);
});

test('nothing is loaded before the first click but the loader', () => {
  const loader = files.get('loader.js') ?? '';
  expect(loader).not.toMatch(/^\s*import\s*[^(]/m);
  expect([...loader.matchAll(/import\(([^)]*)\)/g)].map((m) => m[1])).toEqual(['`./chat.js`']);
});

test('the chat carries nothing of what is shared', () => {
  expect(files.get('chat.js')).not.toMatch(/takeFullSnapshot|YArray|ngcc-board|share_cobrowse/);
});

test('no file names a foreign origin, evaluates text, or sets HTML', () => {
  for (const [name, code] of files) {
    // Names of namespaces, and where a library's warning sends its reader: nothing is asked of either.
    const own = code.replaceAll('http://www.w3.org/', '').replaceAll('https://github.com/yjs/yjs/issues/438', '');
    expect(own, name).not.toMatch(/https?:\/\/[a-z]/);
    expect(own, name).not.toMatch(/\beval\(|new Function\(|insertAdjacentHTML|document\.write|document\.cookie/);
  }
});
