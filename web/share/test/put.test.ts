import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Collab } from '../src/collab';
import { FileBook, LinkBook, addressOf, partsOf } from '../src/put';
import type { NgccFiles } from '../src/files-view';
import type { NgccLinks } from '../src/links-view';
import { FakeSocket, READY } from './fakes';

const SEEN = { view: true, pointer: false, control: false };
const FILE = { n: 1, file: 'file_1', name: '<b>a</b>.png', mime: 'image/png', size: 2048, by: 'agent' as const };
const PAGE = 'https://shop.example:8443/pay?x=1#y';

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('CSSStyleSheet', class {
    replaceSync(): void {}
  });
  vi.stubGlobal('CSS', { escape: (text: string) => text });
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

function joined(kind: 'file' | 'url', state: unknown, me: 'customer' | 'agent' = 'customer'): { collab: Collab; socket: FakeSocket } {
  const collab = new Collab({ server: 'http://x', collab: 'col_1', ticket: 't', kind, me });
  collab.start();
  const socket = FakeSocket.last;
  socket.open();
  socket.tell('ready', { ...READY, kind, me, consents: SEEN, state });
  return { collab, socket };
}

function shown<T extends HTMLElement>(name: string, collab: Collab): T {
  const el = document.createElement(name) as T & { collab: Collab };
  el.collab = collab;
  document.body.append(el);
  return el;
}

test('an address is one of the web, written as people do, and never one that signs in', () => {
  expect(addressOf('shop.example/a?b#c')?.href).toBe('https://shop.example/a?b#c');
  expect(addressOf(' http://[::1]:8080/ ')?.host).toBe('[::1]:8080');
  for (const bad of ['', 'javascript:alert(1)', 'data:text/html,x', 'ftp://a.example', 'https://shop.example@evil.example', `https://a.example/${'x'.repeat(2048)}`]) {
    expect(addressOf(bad), bad).toBeUndefined();
  }
  expect(partsOf(new URL(PAGE))).toEqual(['https://', 'shop.example:8443', '/pay?x=1#y']);
});

test('an address opens when its receiver says so, is answered first, and is shown with its host set off', async () => {
  await import('../src/put-view');
  const { collab, socket } = joined('url', { links: [{ n: 1, url: PAGE, by: 'agent', state: 'shown' }] });
  const el = shown<NgccLinks>('ngcc-links', collab);
  const book = LinkBook.of(collab);
  const gone: string[] = [];
  book.go = (url) => gone.push(`${url.href} after ${socket.of('answer').length}`);
  expect(el.querySelector('[data-n="1"] b')?.textContent).toBe('shop.example:8443');
  expect(el.querySelector('[data-n="1"]')?.textContent).toContain(PAGE);
  expect(gone).toEqual([]);
  const press = (text: string) => [...el.querySelectorAll('button')].find((b) => b.textContent === text)?.click();
  press('Not now');
  expect(socket.of('answer')[0]?.data).toEqual({ n: 1, taken: false });
  socket.tell('answered', { n: 1, taken: false, by: 'customer' });
  expect(book.waiting).toBeUndefined();
  expect(gone).toEqual([]);
  press('Open');
  expect(gone).toEqual([`${PAGE} after 2`]);
  socket.tell('answered', { n: 1, taken: true, by: 'customer' });
  expect(el.querySelector('[data-n="1"]')?.getAttribute('data-state')).toBe('opened');
  press('Open');
  expect([gone.length, socket.of('answer').length]).toEqual([2, 2]);
});

test('nothing opens while the centre cannot be told', () => {
  const { collab, socket } = joined('url', { links: [{ n: 1, url: PAGE, by: 'agent', state: 'shown' }] });
  const book = LinkBook.of(collab);
  book.go = () => expect.unreachable();
  socket.close(1006);
  expect(book.answer(book.links[0] as never, true)).toBe(false);
});

test('what is suggested goes out whole, and what is no address is said to be none', async () => {
  await import('../src/put-view');
  const { collab, socket } = joined('url', { links: [] });
  const el = shown<NgccLinks>('ngcc-links', collab);
  const entry = el.querySelector('input') as HTMLInputElement;
  const form = el.querySelector('form') as HTMLFormElement;
  const settle = () => new Promise((done) => setTimeout(done));
  entry.value = 'javascript:alert(1)';
  form.requestSubmit();
  await settle();
  expect(el.querySelector('[role="alert"]')?.textContent).toContain('www.example.com');
  expect(socket.of('push')).toEqual([]);
  entry.value = 'shop.example/a';
  form.requestSubmit();
  const push = socket.of('push')[0];
  expect(push?.data).toEqual({ url: 'https://shop.example/a' });
  socket.tell('error', { code: 'full' }, push?.id);
  await settle();
  expect(el.querySelector('[role="alert"]')?.textContent).toBe('There is no room for more.');
  expect(entry.value).toBe('shop.example/a');
  form.requestSubmit();
  const again = socket.of('push')[1];
  socket.tell('pushed', { n: 1, url: 'https://shop.example/a', by: 'customer', state: 'shown' }, again?.id);
  await settle();
  expect([entry.value, el.querySelectorAll('[data-n]').length, el.querySelectorAll('li button').length]).toEqual(['', 1, 0]);
});

test('an agent to whom nothing may be shown any more sees nothing, and everything when they may again', () => {
  const { collab, socket } = joined('file', { files: [FILE], largest: 100 }, 'agent');
  const book = FileBook.of(collab);
  expect(book.files).toEqual([FILE]);
  socket.tell('consents', { view: false, pointer: false, control: false });
  expect(book.files).toEqual([]);
  socket.tell('consents', SEEN);
  socket.tell('file', FILE);
  socket.tell('file', FILE);
  expect(book.files).toEqual([FILE]);
  socket.tell('removed', { file: 'file_1' });
  expect(book.files).toEqual([]);
});

test('files are listed by name and never as HTML, and only their own end takes them away', async () => {
  await import('../src/put-view');
  const { collab, socket } = joined('file', { files: [FILE], largest: 100 });
  const el = shown<NgccFiles>('ngcc-files', collab);
  const row = () => el.querySelector('[data-file="file_1"]');
  expect(row()?.querySelector('b')?.textContent).toBe('<b>a</b>.png');
  expect(row()?.textContent).toContain('2 kB');
  expect([...(row()?.querySelectorAll('button') ?? [])].map((b) => b.textContent)).toEqual(['Save']);
  socket.tell('file', { ...FILE, n: 2, file: 'file_2', by: 'customer' });
  el.querySelector<HTMLButtonElement>('[data-key="remove file_2"]')?.click();
  expect(socket.of('remove')[0]?.data).toEqual({ file: 'file_2' });
});

test('a file that is too large or empty does not go, and is said to be; the others go one by one with their ticket', async () => {
  const sent: { at: string; bearer: string; answer: (status: number, body: unknown) => void }[] = [];
  vi.stubGlobal('XMLHttpRequest', class {
    upload = {};
    status = 0;
    response: unknown;
    onload: () => void = () => undefined;
    #at = '';
    #bearer = '';
    open(_: string, at: string): void {
      this.#at = at;
    }
    setRequestHeader(name: string, value: string): void {
      if (name === 'authorization') this.#bearer = value;
    }
    send(): void {
      const answer = (status: number, body: unknown) => {
        Object.assign(this, { status, response: body });
        this.onload();
      };
      sent.push({ at: this.#at, bearer: this.#bearer, answer });
    }
  });
  const { collab } = joined('file', { files: [], largest: 3 });
  const book = FileBook.of(collab);
  book.add([new File(['1234'], 'large'), new File([], 'empty'), new File(['1'], 'a b'), new File(['2'], 'c')]);
  const settle = () => new Promise((done) => setTimeout(done));
  await settle();
  expect(book.sending.map((s) => s.wrong)).toEqual(['too_large', 'empty', undefined, undefined]);
  expect(sent.map((s) => [s.at, s.bearer])).toEqual([['http://x/collab/col_1/files?name=a%20b', 'Bearer t']]);
  sent[0]?.answer(201, {});
  await settle();
  expect(sent.length).toBe(2);
  sent[1]?.answer(507, { code: 'full' });
  await settle();
  expect(book.sending.map((s) => [s.name, s.wrong])).toEqual([['large', 'too_large'], ['empty', 'empty'], ['c', 'full']]);
});
