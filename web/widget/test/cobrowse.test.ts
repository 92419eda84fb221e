import { record } from '@rrweb/record';
import type { RrEvent } from '@ngcc/share/wire';
import type { Mutation, RrNode } from '@ngcc/share/rr';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Recorder } from '../src/cobrowse/recorder';
import { seeded } from './rng';

let recorder: Recorder;
let events: RrEvent[];

beforeEach(() => {
  document.documentElement.replaceChildren(document.createElement('head'), document.createElement('body'));
  events = [];
  recorder = new Recorder((batch) => events.push(...batch));
});
afterEach(() => {
  recorder.stop();
  vi.restoreAllMocks();
});

const pause = (ms = 90) => new Promise((done) => setTimeout(done, ms));
const wire = () => JSON.stringify(events);

/** Children made of a tag, attributes and a text. */
function add(tag: string, attributes: Record<string, string> = {}, text = '', to: Element = document.body): HTMLElement {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  el.textContent = text;
  to.append(el);
  return el;
}

async function start(): Promise<void> {
  recorder.start();
  await pause();
}

/** Every kind of secret that a page may hold. */
function secrets(): void {
  history.replaceState(null, '', '/cart?voucher=SENTINEL-query#SENTINEL-fragment');
  add('input', { type: 'hidden', name: 'csrf', value: 'SENTINEL-hidden' });
  add('input', { type: 'password', value: 'SENTINEL-password' });
  add('input', { type: 'text', placeholder: 'SENTINEL-placeholder', value: 'SENTINEL-default' });
  (add('input', { value: 'SENTINEL-old' }) as HTMLInputElement).value = '';
  add('textarea', {}, 'SENTINEL-area');
  (add('textarea', {}, 'SENTINEL-cleared') as HTMLTextAreaElement).value = '';
  add('input', { type: 'submit', value: 'SENTINEL-submit' });
  add('input', { type: 'radio', value: 'SENTINEL-radio', checked: '' });
  add('a', { href: '/x?token=SENTINEL-link#SENTINEL-part', onclick: 'SENTINEL()' }, 'link');
  add('img', { srcset: '/a.png?SENTINEL=1 1x, /b.png?SENTINEL=2 2x', alt: 'card 4111 1111 1111 1111' });
  add('p', { 'data-ngcc-mask': '', title: 'SENTINEL-title' }, 'SENTINEL-text');
  add('p', {}, 'Your card 4111 1111 1111 1111');
  add('script', { type: 'application/json' }, '{"a":"SENTINEL-script"}');
  add('noscript', {}, 'SENTINEL-noscript');
  add('meta', { name: 'token', content: 'SENTINEL-meta' }, '', document.head);
  document.body.append(document.createComment('SENTINEL-comment'));
  const show = add('div', { 'data-ngcc-show': '' });
  add('input', { autocomplete: 'cc-number', value: 'SENTINEL-cc' }, '', show);
  add('input', { name: 'city', value: 'Visible-City', placeholder: 'Visible-Hint' }, '', show);
}

test('no secret of a page is in what is sent of it, and what is shown is', async () => {
  secrets();
  await start();
  expect(wire()).not.toMatch(/SENTINEL|4111/);
  expect(wire()).toContain('Visible-City');
  expect(wire()).toContain('Visible-Hint');
  expect(events.map((e) => e.type)).toContain(2);
});

test('no secret that comes later is in what is sent', async () => {
  await start();
  secrets();
  await pause();
  const input = add('input', { name: 'later' }) as HTMLInputElement;
  const masked = add('b', { 'data-ngcc-mask': '' }, 'before');
  const plain = add('i', {}, 'before');
  await pause();
  input.value = 'SENTINEL-typed';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.setAttribute('value', 'SENTINEL-attribute');
  input.setAttribute('placeholder', 'SENTINEL-hint');
  (masked.firstChild as Text).data = 'SENTINEL-changed';
  (plain.firstChild as Text).data = 'to 5500 0055 5555 5559';
  document.querySelector('a')?.setAttribute('href', '/y?SENTINEL');
  document.querySelector('textarea')?.replaceChildren('SENTINEL-put');
  await pause(500);
  expect(wire()).not.toMatch(/SENTINEL|4111|5500/);
  expect(wire()).toContain('•••');
});

test('the chosen option is told of a select that is shown, and of no other', async () => {
  for (const attributes of [{ 'data-ngcc-show': '', name: 'shown' }, { name: 'hidden' }] as Record<string, string>[]) {
    const select = add('select', attributes) as HTMLSelectElement;
    add('option', { value: 'a' }, 'A', select);
    add('option', { value: 'b' }, 'B', select);
    select.value = 'b';
  }
  await start();
  const chosen: unknown[] = [];
  const walk = (node: RrNode, select: string): void => {
    const name = node.tagName === 'select' ? String(node.attributes?.['name']) : select;
    if (node.tagName === 'option') chosen.push([name, node.attributes?.['value'], node.attributes?.['selected'] === true]);
    node.childNodes?.forEach((child) => walk(child, name));
  };
  walk((events.find((e) => e.type === 2)?.data as { node: RrNode }).node, '');
  expect(chosen).toEqual([['shown', 'a', false], ['shown', 'b', true], ['hidden', 'a', false], ['hidden', 'b', false]]);
});

test('a tick of a hidden box is not told', async () => {
  const [open, closed] = [add('input', { type: 'checkbox', 'data-ngcc-show': '' }), add('input', { type: 'checkbox' })] as HTMLInputElement[];
  await start();
  events = [];
  open?.click();
  closed?.click();
  await pause();
  const inputs = events.filter((e) => (e.data as { source?: number }).source === 5).map((e) => e.data as { id: number; isChecked: boolean });
  expect(inputs.map((i) => i.isChecked)).toEqual([true]);
  expect(recorder.node(inputs[0]?.id ?? -1)).toBe(open);
});

test('the widget itself is not told of, neither inside nor by what is typed there', async () => {
  const host = add('ngcc-widget');
  const shadow = host.attachShadow({ mode: 'open' });
  const field = document.createElement('input');
  shadow.append('SENTINEL-chat', field);
  await start();
  shadow.append('SENTINEL-more');
  field.value = 'SENTINEL-typed';
  field.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  await pause();
  expect(wire()).not.toContain('SENTINEL');
});

test('what becomes hidden is hidden in a new snapshot', async () => {
  const text = add('p', {}, 'seen until now');
  await start();
  events = [];
  text.setAttribute('data-ngcc-mask', '');
  await pause(200);
  expect(events.some((e) => e.type === 2)).toBe(true);
  expect(wire()).not.toContain('seen until now');
});

test('nothing is sent after the end of recording', async () => {
  await start();
  recorder.stop();
  events = [];
  add('p', {}, 'after');
  recorder.snap();
  await pause();
  expect(events).toEqual([]);
});

/** A copy as an agent's page builds it: what is removed is forgotten with all in it, what is added has nothing in it yet. */
class Copy {
  #nodes = new Map<number, { node: RrNode; kids: number[]; parent: number }>();
  faults = 0;

  take(event: RrEvent): void {
    if (event.type === 2) {
      this.#nodes.clear();
      this.#put((event.data as { node: RrNode }).node, 0);
    }
    const data = event.data as Mutation;
    if (event.type !== 3 || data.source !== 0) return;
    for (const { id, parentId } of data.removes) {
      const at = this.#nodes.get(parentId)?.kids ?? [];
      if (!this.#nodes.has(id) || !at.includes(id)) this.faults += 1;
      at.splice(at.indexOf(id), 1);
      this.#forget(id);
    }
    for (const { parentId, nextId, node } of data.adds) {
      const at = this.#nodes.get(parentId)?.kids;
      const before = nextId === null ? (at?.length ?? 0) : (at?.indexOf(nextId) ?? -1);
      if (!at || before < 0 || this.#nodes.has(node.id)) this.faults += 1;
      at?.splice(before, 0, node.id);
      this.#nodes.set(node.id, { node, kids: [], parent: parentId });
    }
    for (const { id, value } of data.texts) {
      const at = this.#nodes.get(id);
      if (at) at.node = { ...at.node, textContent: value ?? '' };
    }
    for (const { id, attributes } of data.attributes) {
      const at = this.#nodes.get(id);
      if (at) at.node = { ...at.node, attributes: { ...at.node.attributes, ...attributes } };
    }
  }

  #put(node: RrNode, parent: number): void {
    this.#nodes.set(node.id, { node, kids: (node.childNodes ?? []).map((c) => c.id), parent });
    for (const child of node.childNodes ?? []) this.#put(child, node.id);
  }

  #forget(id: number): void {
    for (const kid of this.#nodes.get(id)?.kids ?? []) this.#forget(kid);
    this.#nodes.delete(id);
  }

  text(id: number): string {
    const at = this.#nodes.get(id);
    if (!at) return '?';
    if (at.node.type === 3) return String(at.node.textContent);
    const { class: c } = at.node.attributes ?? {};
    return `<${at.node.tagName} ${c ?? ''}>${at.kids.map((kid) => this.text(kid)).join('')}</>`;
  }
}

function textOf(node: Node): string {
  if (node instanceof Text) return node.data;
  return `<${(node as Element).localName} ${(node as Element).getAttribute('class') ?? ''}>${[...node.childNodes].map(textOf).join('')}</>`;
}

test('over random changes, moves among them, the copy is the page', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    document.body.replaceChildren();
    const home = add('main');
    recorder.start();
    await pause(20);
    const random = seeded(seed);
    const below = (n: number) => Math.floor(random() * n);
    const any = () => {
      const all = [home, ...home.querySelectorAll('*')];
      return all[below(all.length)] as Element;
    };
    for (let n = 0; n < 300; n++) {
      const [at, to] = [any(), any()];
      const what = below(7);
      if (what === 0) add(['p', 'div', 'b'][below(3)] as string, {}, `t${n}`, at);
      else if (what === 1) at.append(`x${n}`);
      else if (what === 2) at.setAttribute('class', `c${below(9)}`);
      else if (what === 3 && at.firstChild instanceof Text) at.firstChild.data = `d${n}`;
      else if (what === 4 && at !== home && below(3) === 0) at.remove();
      else if (at !== home && !at.contains(to)) to.insertBefore(at, to.firstChild);
      if (n % 9 === 0) await Promise.resolve();
      if (n % 60 === 0) await pause(5);
    }
    await pause(500);
    const copy = new Copy();
    for (const event of events) copy.take(event);
    expect([seed, copy.text(record.mirror.getId(home)), copy.faults]).toEqual([seed, textOf(home), 0]);
    recorder.stop();
    events = [];
  }
}, 30_000);
