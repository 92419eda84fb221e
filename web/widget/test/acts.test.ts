import { beforeEach, expect, test, vi } from 'vitest';
import type { Act, Consents } from '@ngcc/share/wire';
import { OwnHand, enter, perform, takesProposal } from '../src/cobrowse/acts';

const ALL: Consents = { view: true, pointer: true, control: true };
let own: OwnHand;

beforeEach(() => {
  document.body.replaceChildren();
  own = new OwnHand();
});

function add<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  document.body.append(el);
  return el;
}
const run = (act: Act, el: Node | null, consents = ALL) => perform(act, consents, own, () => el);
const SHOW = { 'data-ngcc-show': '' };

test('nothing is done without the consent to control', () => {
  const button = add('button');
  const clicked = vi.fn();
  button.onclick = clicked;
  expect(run({ is: 'click', node: 1 }, button, { ...ALL, control: false })).toBe('consent');
  expect(clicked).not.toHaveBeenCalled();
  expect(run({ is: 'click', node: 1 }, button)).toBe('done');
  expect(clicked).toHaveBeenCalledOnce();
});

test('a text goes into a field as if it were typed, Chinese too, and the page hears input and change', () => {
  const field = add('input', SHOW);
  const heard: string[] = [];
  for (const type of ['input', 'change']) field.addEventListener(type, (e) => heard.push(`${e.type} ${field.value} ${e.bubbles}`));
  expect(run({ is: 'input', node: 1, value: '杭州西湖' }, field)).toBe('done');
  expect(heard).toEqual(['input 杭州西湖 true', 'change 杭州西湖 true']);
});

test('a framework that holds the value itself notices, as React does', () => {
  const field = add('input', SHOW);
  // React puts a setter of its own on the element and compares what it has seen set with what is there.
  const proto = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') as Required<PropertyDescriptor>;
  let tracked = '';
  Object.defineProperty(field, 'value', {
    configurable: true,
    get: () => proto.get.call(field) as string,
    set: (value: string) => {
      tracked = value;
      proto.set.call(field, value);
    },
  });
  const changed = vi.fn();
  field.addEventListener('input', () => {
    if (field.value !== tracked) changed(field.value);
    tracked = field.value;
  });
  run({ is: 'input', node: 1, value: 'new' }, field);
  expect(changed).toHaveBeenCalledExactlyOnceWith('new');
});

test('a hidden field takes no input, whatever the centre lets through', () => {
  const secrets = [add('input'), add('input', { type: 'password', ...SHOW }), add('input', { autocomplete: 'cc-number', ...SHOW }), add('textarea')];
  for (const field of secrets) expect([run({ is: 'input', node: 1, value: 'x' }, field), field.value]).toEqual(['refused', '']);
});

test('what is read only, disabled, gone, a file or our own is left alone', () => {
  const widget = document.body.appendChild(document.createElement('ngcc-widget'));
  const inside = widget.appendChild(document.createElement('button'));
  const gone = document.createElement('button');
  const off = add('button', { disabled: '' });
  expect([inside, gone, off, add('input', { type: 'file' }), null].map((el) => run({ is: 'click', node: 1 }, el))).toEqual(Array(5).fill('refused'));
  expect(run({ is: 'input', node: 1, value: 'x' }, add('input', { readonly: '', ...SHOW }))).toBe('refused');
});

test("the customer's own input comes first for a second", () => {
  vi.useFakeTimers();
  const field = add('input', SHOW);
  field.value = 'own';
  own.note('input');
  expect(run({ is: 'input', node: 1, value: 'agent' }, field)).toBe('over');
  expect(run({ is: 'click', node: 1 }, add('button'))).toBe('over');
  expect(field.value).toBe('own');
  vi.advanceTimersByTime(1001);
  expect(run({ is: 'input', node: 1, value: 'agent' }, field)).toBe('done');
  vi.useRealTimers();
});

test('only what a person does counts as their own', () => {
  const end = own.watch(document.createElement('ngcc-widget'));
  add('input').dispatchEvent(new KeyboardEvent('keydown', { bubbles: true }));
  expect(own.active('input')).toBe(false);
  end();
});

test('a box is ticked and unticked by a click, a radio only ever chosen', () => {
  const box = add('input', { type: 'checkbox' });
  const clicked = vi.fn();
  box.onclick = clicked;
  for (const on of [true, true, false]) run({ is: 'check', node: 1, on }, box);
  expect([box.checked, clicked.mock.calls.length]).toEqual([false, 2]);
  const radio = add('input', { type: 'radio' });
  run({ is: 'check', node: 1, on: true }, radio);
  run({ is: 'check', node: 1, on: false }, radio);
  expect(radio.checked).toBe(true);
});

test('a select takes a value or what it shows, and nothing else', () => {
  const select = add('select', SHOW);
  for (const [value, text] of [['sh', '上海'], ['bj', '北京']] as const) {
    const option = document.createElement('option');
    option.value = value;
    option.textContent = text;
    select.append(option);
  }
  expect([enter(select, 'bj'), select.value]).toEqual([true, 'bj']);
  expect([enter(select, '上海'), select.value]).toEqual([true, 'sh']);
  expect([enter(select, 'nowhere'), select.value]).toEqual([false, 'sh']);
});

test('a value may be proposed for a hidden field, never for a secret or a tick', () => {
  const fine = [add('input'), add('textarea'), add('select')];
  const never = [add('input', { type: 'password' }), add('input', { autocomplete: 'cc-csc' }), add('input', { type: 'hidden' }), add('input', { type: 'checkbox' }), add('div')];
  expect(fine.map(takesProposal)).toEqual([true, true, true]);
  expect(never.map(takesProposal)).toEqual(never.map(() => false));
});
