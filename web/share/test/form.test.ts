import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Collab } from '../src/collab';
import { FormBook, filledIn, mayFill, modelOf, problemOf, problemsOf } from '../src/form';
import type { End, Field, Form } from '../src/wire';
import '../src/form-view';
import { FakeSocket, READY } from './fakes';

const FORM: Form = {
  name: 'address', label: 'Where to', fields: [
    { name: 'name', label: 'Name', required: true },
    { name: 'day', label: 'Day', kind: 'date' },
    { name: 'gift', label: 'Gift', kind: 'tick', by: 'customer' },
    { name: 'ref', label: 'Reference', by: 'agent' },
    { name: 'pin', label: 'PIN', kind: 'secret', required: true, by: 'agent' },
  ],
};
const field = (kind: Field['kind'], more: Partial<Field> = {}): Field => ({ name: 'f', ...(kind && { kind }), ...more });

beforeEach(() => {
  FakeSocket.all = [];
  document.body.replaceChildren();
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  // jsdom constructs no style sheets.
  vi.stubGlobal('CSSStyleSheet', class {
    replaceSync(): void {}
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a secret is the customer\'s whatever the form says, and the rest is whose it says', () => {
  expect([mayFill(field('secret', { by: 'agent' }), 'agent'), mayFill(field('secret', { by: 'agent' }), 'customer')]).toEqual([false, true]);
  expect(['both', 'customer', 'agent'].map((by) => [mayFill(field('text', { by } as Partial<Field>), 'customer'), mayFill(field('text', { by } as Partial<Field>), 'agent')]))
    .toEqual([[true, true], [true, false], [false, true]]);
});

test('values are what their kind takes', () => {
  const cases: [Field, string, string | undefined][] = [
    [field('number'), '12', undefined], [field('number'), '-1.5', undefined], [field('number'), '1e5', 'number'], [field('number'), '十二', 'number'],
    [field('date'), '2026-02-28', undefined], [field('date'), '2026-02-29', 'date'], [field('date'), '31.1.2026', 'date'],
    [field('choice', { options: ['a'] }), 'a', undefined], [field('choice', { options: ['a'] }), 'b', 'choice'],
    [field('tick'), 'true', undefined], [field('tick'), 'yes', 'choice'], [field('text'), '字'.repeat(1366), 'too_long'], [field('text'), '', undefined],
  ];
  for (const [f, value, problem] of cases) expect([f.kind, value.slice(0, 12), problemOf(f, value)]).toEqual([f.kind, value.slice(0, 12), problem]);
});

test('a form is whole once every required field is filled, and a required tick is set', () => {
  const form: Form = { name: 'f', fields: [{ name: 'a', required: true }, { name: 'b', kind: 'tick', required: true }, { name: 'c', kind: 'number' }] };
  const model = modelOf({ form, values: { b: 'false', c: 'x' }, confirmed: false });
  expect(problemsOf(model)).toEqual({ a: 'missing', b: 'missing', c: 'number' });
  expect(problemsOf(modelOf({ form, values: { a: '1', b: true }, confirmed: false }))).toEqual({});
});

test('of a secret only that it is filled is known where its value is not told', () => {
  const model = modelOf({ form: FORM, values: { pin: { filled: true }, name: 'W' }, confirmed: false });
  expect([model.filled['pin'], model.values['pin']]).toEqual([true, undefined]);
  expect(filledIn(model, { field: 'pin', filled: false, by: 'customer' }).filled['pin']).toBe(false);
  expect(filledIn(model, { field: 'name', value: 'L', by: 'agent' }).values['name']).toBe('L');
});

function shown(me: End, values: object = {}): { form: HTMLElement; socket: FakeSocket; collab: Collab } {
  const collab = new Collab({ server: 'http://x', collab: 'col_1', ticket: 't', kind: 'form', me });
  collab.start();
  const socket = FakeSocket.last;
  socket.open();
  socket.tell('ready', { ...READY, me, kind: 'form', state: { form: FORM, values, confirmed: false } });
  const form = document.createElement('ngcc-form') as HTMLElement & { collab: Collab };
  form.lang = 'en';
  form.collab = collab;
  document.body.append(form);
  return { form, socket, collab };
}
const entry = (form: HTMLElement, name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`);

test('what one fills is shown at the other at once, with who is where', () => {
  const { form, socket } = shown('customer', { name: 'Wang' });
  expect(entry(form, 'name')?.value).toBe('Wang');
  socket.tell('filled', { field: 'ref', value: 'A-7', by: 'agent' });
  socket.tell('focus', { field: 'name', by: 'agent' });
  expect(entry(form, 'ref')?.value).toBe('A-7');
  expect(form.textContent).toContain('Alice is filling this');
});

test('a value goes out once when typing pauses, and a wrong one does not', async () => {
  const { form, socket } = shown('customer');
  const name = entry(form, 'name') as HTMLInputElement;
  for (const value of ['W', 'Wa', 'Wang']) {
    name.value = value;
    name.dispatchEvent(new Event('input'));
    await vi.advanceTimersByTimeAsync(50);
  }
  await vi.advanceTimersByTimeAsync(200);
  expect(socket.of('fill').map((f) => f.data)).toEqual([{ field: 'name', value: 'Wang' }]);
  socket.tell('error', { code: 'value', detail: '' }, socket.of('fill')[0]?.id);
  await vi.advanceTimersByTimeAsync(0);
  expect(form.textContent).toContain('This value is not possible here');
});

test('the agent gets no field for a secret, and none to confirm with', () => {
  const { form, socket } = shown('agent');
  expect(entry(form, 'pin')).toBeNull();
  expect(form.textContent).toContain('Not filled yet, hidden from you');
  socket.tell('filled', { field: 'pin', filled: true, by: 'customer' });
  expect(form.textContent).toContain('Filled, hidden from you');
  expect(form.querySelector('button')).toBeNull();
  expect(entry(form, 'gift')?.disabled).toBe(true);
});

test('a form with something missing is not confirmed, and a whole one is, once', async () => {
  const { form, socket } = shown('customer');
  const submit = () => form.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  submit();
  expect([socket.of('confirm').length, form.textContent?.split('Please fill this in').length]).toEqual([0, 3]);
  for (const name of ['name', 'pin']) (entry(form, name) as HTMLInputElement).value = 'x';
  submit();
  expect(socket.of('fill').map((f) => f.data['field'])).toEqual(['name', 'pin']);
  expect(socket.of('confirm').length).toBe(1);
  socket.tell('confirmed', {});
  expect([form.querySelector('button'), form.textContent?.includes('Confirmed')]).toEqual([null, true]);
});

test('what is filled while the form is not drawn is there when it is', () => {
  const { form, socket, collab } = shown('agent');
  form.remove();
  socket.tell('filled', { field: 'name', value: 'later', by: 'customer' });
  document.body.append(form);
  expect(FormBook.of(collab).model?.values['name']).toBe('later');
  expect(entry(form, 'name')?.value).toBe('later');
});

test('evil labels and values are only ever text', () => {
  const evil = '<img src=x onerror=alert(1)>';
  const collab = new Collab({ server: 'http://x', collab: 'c', ticket: 't', kind: 'form', me: 'customer' });
  collab.start();
  FakeSocket.last.open();
  const form = { name: evil, label: evil, fields: [{ name: 'a', label: evil, kind: 'choice', options: [evil] }] };
  FakeSocket.last.tell('ready', { ...READY, kind: 'form', people: { ...READY.people, agent: { name: evil, here: true } }, state: { form, values: {}, confirmed: false } });
  const el = document.body.appendChild(Object.assign(document.createElement('ngcc-form'), { collab }));
  FakeSocket.last.tell('focus', { field: 'a', by: 'agent' });
  expect(el.querySelector('img')).toBeNull();
  expect(el.textContent).toContain(`${evil} is filling this`);
});

test('whoever looks on fills nothing', () => {
  for (const by of ['both', 'customer', 'agent'] as const) expect(mayFill({ name: 'a', by }, 'viewer')).toBe(false);
  expect(mayFill({ name: 'a', kind: 'secret' }, 'viewer')).toBe(false);
});
