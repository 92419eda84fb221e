import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Sharing } from '../src/sharing/main';
import { FakePeer, FakeSocket, install, settle, uninstall } from './fakes';

let shadow: ShadowRoot;
let sent: [string, object][];
let sharing: Sharing;
let track: { enabled: boolean; stopped: boolean; stop(): void; contentHint: string; onended: (() => void) | null };
let picks: (() => Promise<object>) | undefined;
/** Which tab of the browser holds which lock, and who waits for it. */
let held: Map<string, Promise<void>>;

function world(): void {
  install();
  sessionStorage.clear();
  vi.stubGlobal('CSSStyleSheet', class {
    replaceSync(): void {}
  });
  held = new Map();
  const locks = {
    request: async (name: string, { signal }: { signal: AbortSignal }, run: () => Promise<void>) => {
      await held.get(name);
      if (signal.aborted) throw new Error('aborted');
      const over = run();
      held.set(name, over);
      await over;
    },
  };
  Object.defineProperty(navigator, 'locks', { value: locks, configurable: true });
  Object.defineProperty(navigator, 'userActivation', { value: { isActive: false }, configurable: true });
  track = { enabled: true, stopped: false, contentHint: '', onended: null, stop: () => void (track.stopped = true) };
  picks = () => Promise.resolve({ getVideoTracks: () => [track] });
  Object.defineProperty(navigator, 'mediaDevices', { value: { getDisplayMedia: () => picks?.() }, configurable: true });
}

beforeEach(() => {
  world();
  const host = document.body.appendChild(document.createElement('div'));
  shadow = host.attachShadow({ mode: 'open' });
  (shadow as { adoptedStyleSheets: unknown[] }).adoptedStyleSheets = [];
  sent = [];
  sharing = new Sharing({
    server: 'http://x', host, shadow, lang: () => 'en', changed: () => undefined, token: () => Promise.resolve('token'),
    send: (type, data) => {
      sent.push([type, data]);
      return Promise.resolve();
    },
    emit: () => undefined,
  });
});
afterEach(() => {
  uninstall();
  for (const name of ['locks', 'userActivation', 'mediaDevices']) delete (navigator as unknown as Record<string, unknown>)[name];
  document.body.replaceChildren();
});

const drawn = async () => {
  await settle();
  await vi.advanceTimersByTimeAsync(30);
};
const words = () => shadow.textContent ?? '';
const press = async (label: string) => {
  const button = [...shadow.querySelectorAll('button')].find((b) => b.textContent === label);
  if (!button) throw new Error(`no button ${label} in ${words()}`);
  button.click();
  await drawn();
};

/** Invited to show the screen, and joined. */
async function invited(by: 'customer' | 'agent'): Promise<FakeSocket> {
  sharing.frame({ type: 'collab.invited', data: { collab: 'col_1', kind: 'screen', ticket: 't', by, display: 'Alice' } });
  await settle();
  const socket = FakeSocket.last;
  socket.open();
  const people = { customer: { name: 'Wang', here: true }, agent: { name: 'Alice', here: true } };
  const consents = { view: by === 'customer', pointer: false, control: false };
  socket.tell('ready', { collab: 'col_1', kind: 'screen', session: 'ses_1', me: 'customer', by, people, consents, paused: false, state: null });
  await vi.dynamicImportSettled();
  await drawn();
  return socket;
}

test('an agent who asks is shown nothing before the customer has chosen what', async () => {
  const socket = await invited('agent');
  expect(words()).toContain('Alice asks to see your screen');
  expect([FakePeer.all.length, socket.of('consent').length]).toEqual([0, 0]);
  await press('Choose what to show');
  expect(socket.of('consent').map((f) => f.data)).toEqual([{ what: 'view', on: true }]);
  expect(FakeSocket.last.url).toBe('ws://x/ws/rtc');
  expect(words()).toContain('Alice sees your screen');
});

test('a dialog that is closed leaves the question, and a no declines', async () => {
  picks = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  const socket = await invited('agent');
  await press('Choose what to show');
  expect(words()).toContain('Alice asks to see your screen');
  expect(socket.of('consent')).toEqual([]);
  await press('Not now');
  expect(sent).toEqual([['collab.decline', { collab: 'col_1' }]]);
  expect(words()).toBe('');
});

test("while it is paused nothing leaves the page, and the browser's own stop ends it", async () => {
  const socket = await invited('customer');
  expect(words()).toContain('Alice is ready to see your screen');
  await press('Choose what to show');
  await press('Pause');
  expect(socket.of('pause').map((f) => f.data)).toEqual([{ on: true }]);
  socket.tell('paused', { on: true });
  expect(track.enabled).toBe(false);
  socket.tell('paused', { on: false });
  expect(track.enabled).toBe(true);
  track.onended?.();
  expect([socket.of('leave').length, track.stopped]).toEqual([1, true]);
  await vi.advanceTimersByTimeAsync(200);
  await drawn();
  expect(words()).toBe('');
});

test('whoever has asked in this moment goes straight to the browser\'s dialog', async () => {
  Object.defineProperty(navigator, 'userActivation', { value: { isActive: true }, configurable: true });
  await invited('customer');
  expect(words()).toContain('Alice sees your screen');
});

test('after the page was loaded anew it is asked whether to go on', async () => {
  Object.defineProperty(navigator, 'userActivation', { value: { isActive: true }, configurable: true });
  sessionStorage.setItem('ngcc.screen.col_1', '1');
  await invited('customer');
  expect(words()).toContain('Go on showing your screen to Alice?');
});

test('another tab shows it: this one keeps out of it until that is over', async () => {
  let closed: (() => void) | undefined;
  held.set('ngcc.screen.col_1', new Promise((done) => (closed = done)));
  sharing.frame({ type: 'collab.invited', data: { collab: 'col_1', kind: 'screen', ticket: 't', by: 'customer', display: 'Alice' } });
  await drawn();
  expect([FakeSocket.all.length, sharing.shares.size]).toEqual([0, 0]);
  closed?.();
  await drawn();
  expect([FakeSocket.all.length, sharing.shares.size]).toEqual([1, 1]);
});

test('a browser that cannot show its screen says so, and does not offer it', async () => {
  Object.defineProperty(navigator, 'mediaDevices', { value: {}, configurable: true });
  sharing.frame({ type: 'collab.invited', data: { collab: 'col_1', kind: 'screen', ticket: 't', by: 'agent' } });
  await drawn();
  expect(sent).toEqual([['collab.decline', { collab: 'col_1', cannot: true }]]);
  expect(FakeSocket.all.length).toBe(0);
  sharing.ask('screen');
  await drawn();
  expect(words()).toContain('That cannot be shared here');
  expect(sent.length).toBe(1);
});
