/** The demo's first page: asks what is going on every second, ticks off what was seen, hands the switches on to the pages it opens. */
import { progress, stateOf, STEPS, type Board, type StepName } from './progress';

/** What `GET /demo/status` answers. All of it is optional: the page shows what it is told. */
interface Status {
  board?: Board;
  /** One-time addresses that sign in. */
  sign_in?: { agent?: string; supervisor?: string };
  /** The number of the echo test. */
  echo?: string;
  /** Whether `POST /demo/simulate` is there. */
  simulate?: boolean;
}

const EVERY_MS = 1000;
const WORDS = {
  en: {
    ready: 'Ready', offline: 'Offline', break: 'Not ready', ringing: 'Ringing', talking: 'With a customer', wrap: 'Wrapping up',
    sessions: 'live sessions', waiting: 'waiting', queue: 'Queue', agent: 'Agent', none: 'Nobody is there yet.', lost: 'The centre does not answer.',
    started: 'Customers are on their way.', full: 'As many simulated customers are there as may be. Each leaves by itself.', failed: 'That did not work.', free: 'free', done: 'done',
  },
  'zh-CN': {
    ready: '就绪', offline: '离线', break: '未就绪', ringing: '振铃', talking: '服务中', wrap: '话后处理',
    sessions: '个进行中的会话', waiting: '等待', queue: '队列', agent: '坐席', none: '暂时没有人。', lost: '服务未响应。',
    started: '模拟客户即将到来。', full: '模拟客户已达上限，他们会自行离开。', failed: '操作失败。', free: '空闲', done: '已完成',
  },
};
const MARKS = { ready: '●', ringing: '◐', talking: '■', wrap: '◆', break: '⏸', offline: '○' } as const;

const root = document.documentElement;
let last: Status | undefined;
let done = new Set(stored('demo-steps').split(',').filter((s): s is StepName => (STEPS as readonly string[]).includes(s)));

root.lang = (stored('demo-lang') || navigator.language).toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
if (stored('demo-theme')) root.dataset['theme'] = stored('demo-theme');

on('[data-lang-switch]', 'click', () => {
  root.lang = root.lang === 'en' ? 'zh-CN' : 'en';
  keep('demo-lang', root.lang);
  draw();
});
on('[data-theme-switch]', 'click', () => {
  const dark = root.dataset['theme'] ? root.dataset['theme'] === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset['theme'] = dark ? 'light' : 'dark';
  keep('demo-theme', root.dataset['theme']);
});
on('[data-again]', 'click', () => {
  done = new Set();
  keep('demo-steps', '');
  draw();
});
on('[data-simulate]', 'click', () => {
  fetch('/demo/simulate', { method: 'POST' }).then(
    (answer) => tell(answer.ok ? 'started' : answer.status === 409 ? 'full' : 'failed'),
    () => tell('failed'),
  );
});
const voice = document.querySelector<HTMLInputElement>('[data-voice]');
if (voice) {
  voice.checked = stored('demo-voice') === 'synthetic';
  voice.addEventListener('change', () => {
    keep('demo-voice', voice.checked ? 'synthetic' : '');
    draw();
  });
}
draw();
void ask();

async function ask(): Promise<void> {
  if (document.visibilityState === 'visible') {
    try {
      const answer = await fetch('/demo/status', { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(5000) });
      last = answer.ok ? ((await answer.json()) as Status) : undefined;
    } catch {
      last = undefined;
    }
    if (last?.board) {
      done = progress(done, last.board);
      keep('demo-steps', [...done].join(','));
    }
    draw();
  }
  setTimeout(() => void ask(), EVERY_MS);
}

function words(): (typeof WORDS)['en'] {
  return WORDS[root.lang === 'zh-CN' ? 'zh-CN' : 'en'];
}

function draw(): void {
  const w = words();
  for (const item of document.querySelectorAll<HTMLElement>('[data-step]')) {
    const yes = done.has(item.dataset['step'] as StepName);
    item.classList.toggle('done', yes);
    item.setAttribute('aria-label', yes ? w.done : '');
    if (!yes) item.removeAttribute('aria-label');
  }
  const synthetic = stored('demo-voice') === 'synthetic';
  link('shop', synthetic ? '/demo/shop/?voice=synthetic' : '/demo/shop/?voice=microphone');
  link('call', `/widget/call.html?entry=1000&video=1${synthetic ? '&voice=synthetic' : ''}`);
  link('echo', `/widget/call.html?entry=${encodeURIComponent(last?.echo ?? '1001')}${synthetic ? '&voice=synthetic' : ''}`);
  link('agent', local(last?.sign_in?.agent) ?? '/console/');
  link('supervisor', local(last?.sign_in?.supervisor) ?? '/console/');
  const simulate = document.querySelector<HTMLElement>('[data-simulate]');
  if (simulate) simulate.hidden = last?.simulate !== true;
  drawBoard(last?.board);
}

function drawBoard(board: Board | undefined): void {
  const w = words();
  const at = document.querySelector<HTMLElement>('[data-board]');
  if (!at) return;
  if (!board) {
    at.replaceChildren(el('p', 'quiet-text', w.lost));
    delete root.dataset['live'];
    return;
  }
  root.dataset['live'] = '';
  state('customer', `${board.sessions} ${w.sessions}`);
  const free = board.seats.filter((s) => stateOf(s) === 'ready').length;
  state('agent', `${free} ${w.ready}`);
  state('supervisor', `${board.waiting.length} ${w.waiting}`);
  const rows = board.seats.map((s) => {
    const is = stateOf(s);
    return row(s.display, `${MARKS[is]} ${w[is]}`, `is-${is}`);
  });
  const queues = board.queues.map((q) => row(q.name, `${q.waiting} ${w.waiting} · ${q.free} ${w.free}`, ''));
  const agents = rows.length > 0 ? [list(w.agent, rows)] : [el('p', 'quiet-text', w.none)];
  at.replaceChildren(...agents, ...(queues.length > 0 ? [list(w.queue, queues)] : []));
}

function list(title: string, rows: HTMLElement[]): HTMLElement {
  const table = el('table', '');
  const caption = el('caption', '', title);
  const body = el('tbody', '');
  body.append(...rows);
  table.append(caption, body);
  return table;
}

function row(name: string, what: string, kind: string): HTMLElement {
  const tr = el('tr', '');
  const th = el('th', '', name);
  th.setAttribute('scope', 'row');
  tr.append(th, el('td', kind, what));
  return tr;
}

function el(tag: string, kind: string, text?: string): HTMLElement {
  const e = document.createElement(tag);
  if (kind) e.className = kind;
  if (text !== undefined) e.textContent = text;
  return e;
}

function state(name: string, text: string): void {
  const at = document.querySelector(`[data-state="${name}"]`);
  if (at) at.textContent = text;
}

function link(name: string, to: string): void {
  const a = document.querySelector<HTMLAnchorElement>(`[data-to="${name}"]`);
  if (a && a.getAttribute('href') !== to) a.href = to;
}

/** Only an address of this origin is followed. */
function local(to: string | undefined): string | undefined {
  return to && /^\/(?!\/)/.test(to) ? to : undefined;
}

function tell(what: 'started' | 'full' | 'failed'): void {
  const at = document.querySelector('[data-result]');
  if (at) at.textContent = words()[what];
}

function on(where: string, event: string, run: () => void): void {
  document.querySelector(where)?.addEventListener(event, run);
}

function stored(key: string): string {
  return localStorage.getItem(key) ?? '';
}

function keep(key: string, value: string): void {
  localStorage.setItem(key, value);
}
