import { render } from 'preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { View } from '../src/app';
import { fresh, type Chat } from '../src/core/chat';
import type { Desk } from '../src/core/desk';
import { Window } from '../src/ui/window';
import type { Content, Message } from '../src/wire';

const EVIL = '<script>evil()</script><img src=x onerror=evil()>"\'><svg onload=evil()>';
let root: HTMLElement;

beforeEach(() => {
  vi.stubGlobal('ResizeObserver', class {
    observe(): void {}
    disconnect(): void {}
  });
  root = document.body.appendChild(document.createElement('div'));
});
afterEach(() => {
  render(null, root);
  root.remove();
  localStorage.clear();
  vi.unstubAllGlobals();
});

function show(change: Partial<Chat>, spies: Partial<Record<keyof Desk, unknown>> = {}, close = () => undefined): void {
  const desk = { chat: { ...fresh(), link: 'open', session: 'ses_1', ...change }, settings: { server: 'http://x' }, typing: () => undefined, ...spies } as unknown as Desk;
  const view = { desk, entry: 'shop', brand: EVIL, lang: 'en', open: true, page: false, video: true, greets: true, setLang: vi.fn(), close, startCall: vi.fn(), leaveCall: vi.fn() };
  render(<Window view={view as unknown as View} />, root);
}
const line = (seq: number, content: Content, by: Message['by'] = { is: 'agent', display: EVIL }): Message => ({ seq, id: `m${seq}`, at: seq, by, content });
const field = () => root.querySelector('textarea') as HTMLTextAreaElement;

test('evil strings in names, texts, replies, notices and file names are only ever text', () => {
  show({
    status: { is: 'talk', display: EVIL, unreachable: true },
    typing: { name: EVIL, until: Date.now() + 5000 },
    messages: [
      line(1, { kind: 'notice', word: 'joined', display: EVIL }),
      line(2, { kind: 'file', file: 'fil_1', name: EVIL, mime: 'application/pdf', size: 3 }),
      line(3, { kind: 'notice', word: 'transferred', to: EVIL }),
      line(4, { kind: 'text', text: EVIL, choices: [{ value: EVIL, label: EVIL }] }),
    ],
    outbox: [{ key: 'k', content: { kind: 'text', text: EVIL }, at: 1, sent: 0 }],
  });
  expect(root.querySelectorAll('script, img, svg[onload], [onerror]').length).toBe(0);
  expect(root.textContent?.split('<script>').length).toBeGreaterThan(6);
});

test('Enter sends, but not while an input method composes, and not with Shift', () => {
  const say = vi.fn();
  show({}, { say });
  const enter = (more: KeyboardEventInit) => field().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more }));
  field().value = 'ni hao';
  field().dispatchEvent(new InputEvent('input', { bubbles: true }));
  return Promise.resolve().then(async () => {
    await new Promise((done) => requestAnimationFrame(done));
    enter({ isComposing: true });
    enter({ keyCode: 229 } as KeyboardEventInit);
    enter({ shiftKey: true });
    expect(say).not.toHaveBeenCalled();
    enter({});
    expect(say).toHaveBeenCalledExactlyOnceWith({ kind: 'text', text: 'ni hao' });
  });
});

test('Escape minimises', () => {
  const close = vi.fn();
  show({}, {}, close);
  field().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect(close).toHaveBeenCalledOnce();
});

test('a quick reply sends its value and is shown by its label', () => {
  const say = vi.fn();
  const menu: Content = { kind: 'text', text: 'How can we help?', choices: [{ value: '2', label: 'My order' }] };
  show({ messages: [line(1, menu, { is: 'automation' })] }, { say });
  (root.querySelector('.choices .chip') as HTMLButtonElement).click();
  expect(say).toHaveBeenCalledWith({ kind: 'text', text: '2' });
  show({ messages: [line(1, menu, { is: 'automation' }), line(2, { kind: 'text', text: '2' }, { is: 'customer' })] }, { say });
  expect([...root.querySelectorAll('.bubble-text')].map((b) => b.textContent)).toEqual(['How can we help?', 'My order']);
});

test('the queue is told with position and estimate', () => {
  show({ status: { is: 'queue', position: 2, estimate_s: 170 } });
  expect(root.querySelector('.queue')?.textContent).toContain('You are number 2 in line');
  expect(root.querySelector('.queue')?.textContent).toContain('About 3 min');
  expect(root.querySelector('.sr[role=status][aria-live=polite]')).not.toBeNull();
});

test('s0_08_the_warning_of_idleness_offers_to_keep_the_chat_open', () => {
  const keepOpen = vi.fn();
  show({ closesAt: Date.now() + 120_000 }, { keepOpen });
  expect(root.querySelector('.idle')?.textContent).toMatch(/closes in (2:00|1:59)/);
  (root.querySelector('.idle button') as HTMLButtonElement).click();
  expect(keepOpen).toHaveBeenCalledOnce();
});
