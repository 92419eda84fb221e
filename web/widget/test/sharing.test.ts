import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Sharing } from '../src/sharing/main';
import { FakeSocket, install, settle, uninstall } from './fakes';

let shadow: ShadowRoot;
let sent: [string, object][];
let told: object[];
let sharing: Sharing;

beforeEach(() => {
  install();
  vi.stubGlobal('CSSStyleSheet', class {
    replaceSync(): void {}
  });
  const host = document.body.appendChild(document.createElement('div'));
  shadow = host.attachShadow({ mode: 'open' });
  (shadow as { adoptedStyleSheets: unknown[] }).adoptedStyleSheets = [];
  [sent, told] = [[], []];
  sharing = new Sharing({
    server: 'http://x', host, shadow, lang: () => 'en', changed: () => undefined, token: () => Promise.resolve('token'),
    send: (type, data) => {
      sent.push([type, data]);
      return Promise.resolve();
    },
    emit: (_, detail) => told.push(detail),
  });
});
afterEach(() => {
  uninstall();
  document.body.replaceChildren();
});

const READY = {
  collab: 'col_1', session: 'ses_1', me: 'customer', paused: false, recorded: false, state: null,
  people: { customer: { name: 'Wang', here: true }, agent: { name: 'Alice', here: true } },
};
const seen = { view: true, pointer: false, control: false };
const none = { view: false, pointer: false, control: false };

/** Invited to something, and its socket joined. */
async function joined(by: 'customer' | 'agent', kind = 'cobrowse', consents: object = by === 'customer' ? seen : none): Promise<FakeSocket> {
  sharing.frame({ type: 'collab.invited', data: { collab: 'col_1', kind, ticket: 't', by, display: 'Alice' } });
  const socket = FakeSocket.last;
  socket.open();
  socket.tell('ready', { ...READY, kind, by, consents });
  await drawn();
  return socket;
}
const drawn = async () => {
  await settle();
  await vi.advanceTimersByTimeAsync(30);
};
const words = () => shadow.textContent ?? '';
const press = async (label: string) => {
  const button = [...shadow.querySelectorAll('button')].find((b) => b.textContent === label || b.getAttribute('aria-label') === label);
  if (!button) throw new Error(`no button ${label} in ${words()}`);
  button.click();
  await drawn();
};

test('what is asked for is shown as asked, then as waiting, and a refusal in words', async () => {
  sharing.ask('cobrowse');
  sharing.ask('cobrowse');
  expect(sent).toEqual([['collab.ask', { kind: 'cobrowse' }]]);
  sharing.frame({ type: 'collab.asked', data: {} });
  await drawn();
  expect(words()).toContain('Waiting for somebody to join');
  sharing.frame({ type: 'collab.refused', data: { why: 'no_agent' } });
  await drawn();
  expect(words()).toContain('Nobody is free at the moment. Please try again later.');
  expect(told).toEqual([{ kind: 'cobrowse', state: 'asked' }, { kind: 'cobrowse', state: 'refused', why: 'no_agent' }]);
});

test('an unknown reason is worded all the same, and no answer is one', async () => {
  sharing.ask('whiteboard');
  await vi.advanceTimersByTimeAsync(21_000);
  await drawn();
  expect(words()).toContain('Sharing is not available at the moment');
  sharing.ask('whiteboard');
  sharing.frame({ type: 'collab.refused', data: { why: 'something_new' } });
  await drawn();
  expect(words()).toContain('That is not possible at the moment');
});

test("an agent's invitation shows nothing before the customer allows it", async () => {
  const socket = await joined('agent');
  expect(words()).toContain('Alice asks to see this page');
  expect(shadow.querySelector('.share-frame')).toBeNull();
  await press('Allow');
  expect(socket.of('consent').map((f) => f.data)).toEqual([{ what: 'view', on: true }]);
  socket.tell('consents', seen);
  await drawn();
  expect(words()).toContain('Alice sees this page');
  expect(shadow.querySelector('.share-frame')).not.toBeNull();
});

test('a no declines it and leaves', async () => {
  const socket = await joined('agent');
  await press('Not now');
  expect(sent).toEqual([['collab.decline', { collab: 'col_1' }]]);
  expect([socket.readyState, words()]).toEqual([3, '']);
});

test('what the customer began needs no further consent to be seen, and each more is asked and can be taken back', async () => {
  const socket = await joined('customer');
  expect(words()).toContain('Alice sees this page');
  socket.tell('asked', { what: 'control', by: 'Alice' });
  await drawn();
  expect(words()).toContain('Alice asks to click and type on this page');
  await press('Allow');
  socket.tell('consents', { ...seen, control: true });
  await drawn();
  expect(words()).toContain('Clicking and typing');
  await press('No longer allow: Clicking and typing');
  expect(socket.of('consent').map((f) => f.data)).toEqual([{ what: 'control', on: true }, { what: 'control', on: false }]);
});

test('pause and stop are the customer\'s at any time', async () => {
  const socket = await joined('customer');
  await press('Pause');
  expect(socket.of('pause').map((f) => f.data)).toEqual([{ on: true }]);
  socket.tell('paused', { on: true });
  await drawn();
  expect(words()).toContain('Sharing is paused');
  await press('Stop');
  expect(socket.of('leave').length).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  await drawn();
  expect(shadow.querySelector('.share-frame')).toBeNull();
});

test('the same invitation again, as with every connection, changes nothing; the end is told in words', async () => {
  await joined('customer');
  sharing.frame({ type: 'collab.invited', data: { collab: 'col_1', kind: 'cobrowse', ticket: 't', by: 'customer', display: 'Alice' } });
  expect(FakeSocket.all.length).toBe(1);
  sharing.frame({ type: 'collab.ended', data: { collab: 'col_1', why: 'closed' } });
  sharing.frame({ type: 'collab.ended', data: { collab: 'col_1', why: 'closed' } });
  await drawn();
  expect(words()).toContain('This page: ended with the conversation');
});

test('another tab that takes the sharing over takes it silently', async () => {
  const socket = await joined('customer');
  socket.close(4409);
  await drawn();
  expect([sharing.shares.size, words()]).toEqual([0, '']);
});

test('a code that was asked for is kept until it is closed', () => {
  sharing.askCode();
  sharing.frame({ type: 'code', data: { code: '482913', until: Date.now() + 1000 } });
  expect(sharing.code).toMatchObject({ is: 'shown', code: '482913' });
  sharing.closeCode();
  sharing.frame({ type: 'code', data: { code: '1', until: 1 } });
  expect(sharing.code).toBeUndefined();
});

test('nobody looks on unseen, and sharing that outlives its conversation says until when', async () => {
  const socket = await joined('customer');
  expect(words()).not.toContain('Also looking');
  socket.tell('people', { ...READY.people, viewers: [{ name: 'Sue', here: true }, { name: 'Bob', here: false }] });
  await drawn();
  expect(words()).toContain('Also looking: Sue');
  expect(words()).not.toContain('Bob');
  sharing.frame({ type: 'session.closed', data: { session: 'ses_1', cause: 'normal' } });
  socket.tell('goes_on', { until: Date.now() + 60_000 });
  await drawn();
  expect(words()).toContain('The conversation is over. Sharing goes on until');
  expect(sharing.shares.size).toBe(1);
  await press('Stop');
  expect(socket.of('leave')).toHaveLength(1);
});
