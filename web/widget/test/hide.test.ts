import { beforeEach, expect, test } from 'vitest';
import { HIDDEN, isHidden, isSecret, shown, withoutCards } from '../src/cobrowse/hide';

beforeEach(() => document.body.replaceChildren());

/** An element with attributes, alone or inside another. */
function el(tag: string, attributes: Record<string, string> = {}, inside?: Record<string, string>): HTMLElement {
  const make = (name: string, given: Record<string, string>) => {
    const made = document.createElement(name);
    for (const [k, v] of Object.entries(given)) made.setAttribute(k, v);
    return made;
  };
  const made = make(tag, attributes);
  const at = inside ? document.body.appendChild(make('div', inside)) : document.body;
  at.append(made);
  return made;
}

test('an input is hidden unless it stands in what the page shows', () => {
  expect(isHidden(el('input'))).toBe(true);
  expect(isHidden(el('input', {}, { 'data-ngcc-show': '' }))).toBe(false);
  expect(isHidden(el('textarea', { 'data-ngcc-show': '' }))).toBe(false);
});

test('no markup shows a password, a hidden value, a file or a card', () => {
  const secrets: Record<string, string>[] = [
    { type: 'password' }, { type: 'PASSWORD' }, { type: 'hidden' }, { type: 'file' }, { autocomplete: 'cc-number' },
    { autocomplete: 'section-a billing cc-csc' }, { autocomplete: 'one-time-code' }, { 'data-rr-is-password': 'true', type: 'text' },
  ];
  for (const attributes of secrets) {
    const made = el('input', attributes, { 'data-ngcc-show': '' });
    expect([attributes, isSecret(made), isHidden(made)]).toEqual([attributes, true, true]);
  }
  expect(isHidden(el('input', {}, { 'data-ngcc-show': '', 'data-ngcc-mask': '' }))).toBe(true);
});

test('a hidden value has one length whatever it is, and none where a form control takes no such text', () => {
  const name = el('input');
  expect([shown('a', name), shown('a very long name', name), shown('', name)]).toEqual([HIDDEN, HIDDEN, '']);
  expect(shown('2026-01-31', el('input', { type: 'date' }))).toBe('');
  expect(shown('whatever', null)).toBe(HIDDEN);
});

test('a card number is cut wherever it stands, however it is grouped', () => {
  const cards = ['4111111111111111', '4111 1111 1111 1111', '4111-1111-1111-1111', '3782 822463 10005', '6011000990139424'];
  for (const card of cards) {
    const cut = withoutCards(`Card ${card}, thank you`);
    expect([card, /\d/.test(cut), cut.startsWith('Card '), cut.endsWith(', thank you')]).toEqual([card, false, true, true]);
  }
  expect(withoutCards('order 12 4111 1111 1111 1111 of 2026')).toBe('order 12 **** **** **** **** of 2026');
  expect(withoutCards('４１１１ １１１１ １１１１ １１１１')).toBe('**** **** **** ****');
});

test('what only looks like a card stays', () => {
  for (const text of ['4111 1111 1111 1112', '+86 138 0013 8000', '2026-01-31 12:00', '1234567890123', 'ISBN 978-3-16-148410-0', '']) {
    expect(withoutCards(text)).toBe(text);
  }
});

test('a shown value is still without a card number', () => {
  expect(shown('pay with 4111 1111 1111 1111', el('input', {}, { 'data-ngcc-show': '' }))).toBe('pay with **** **** **** ****');
});
