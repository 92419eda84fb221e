/** The shop's few lines of behaviour: language, basket, form. It runs before the body is there, so that no wrong language shows. */

const root = document.documentElement;
const PRICES: Record<string, { price: number; en: string; zh: string }> = {
  longjing: { price: 128, en: 'West Lake Longjing', zh: '西湖龙井' },
  dahongpao: { price: 168, en: 'Da Hong Pao', zh: '大红袍' },
  puer: { price: 98, en: 'Ripe Pu-erh', zh: '熟普洱' },
  silver: { price: 208, en: 'White Silver Needle', zh: '白毫银针' },
};

type Widget = HTMLElement & { open(): Promise<void>; call(video?: boolean): Promise<void> };

const chosen = sessionStorage.getItem('shop-lang') ?? new URLSearchParams(location.search).get('lang') ?? navigator.language;
speak(chosen.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');

document.addEventListener('DOMContentLoaded', () => {
  const widget = document.querySelector<Widget>('ngcc-widget');
  widget?.setAttribute('lang', root.lang);
  // The hub's switch, or `?voice=synthetic`: a tone instead of the microphone.
  const voice = new URLSearchParams(location.search).get('voice');
  if (voice) sessionStorage.setItem('demo-voice', voice);
  if (sessionStorage.getItem('demo-voice') === 'synthetic' || localStorage.getItem('demo-voice') === 'synthetic') widget?.setAttribute('voice', 'synthetic');
  onClick('[data-lang]', () => {
    speak(root.lang === 'en' ? 'zh-CN' : 'en');
    sessionStorage.setItem('shop-lang', root.lang);
    widget?.setAttribute('lang', root.lang);
    show();
  });
  onClick('[data-ask]', () => void widget?.open());
  onClick('[data-call]', () => void widget?.call());
  onClick('[data-add]', (button) => {
    const tea = button.dataset['add'];
    if (tea && tea in PRICES) keep([...basket(), tea]);
  });
  document.querySelector('form')?.addEventListener('submit', order);
  show();
});

function speak(lang: string): void {
  root.lang = lang;
  document.title = root.dataset[lang === 'en' ? 'titleEn' : 'titleZh'] ?? document.title;
}

function onClick(where: string, run: (at: HTMLElement) => void): void {
  for (const el of document.querySelectorAll<HTMLElement>(where)) el.addEventListener('click', () => run(el));
}

function basket(): string[] {
  return (sessionStorage.getItem('shop-basket') ?? '').split(',').filter((tea) => tea in PRICES).slice(0, 99);
}

function keep(teas: string[]): void {
  sessionStorage.setItem('shop-basket', teas.join(','));
  show();
}

function show(): void {
  const teas = basket();
  for (const count of document.querySelectorAll<HTMLElement>('.count')) {
    count.hidden = teas.length === 0;
    count.textContent = String(teas.length);
  }
  const list = document.querySelector('[data-basket]');
  if (!list) return;
  const zh = root.lang !== 'en';
  list.replaceChildren(...[...new Set(teas)].map((tea) => line(tea, teas.filter((t) => t === tea).length, zh)));
  const empty = document.querySelector<HTMLElement>('[data-empty]');
  if (empty) empty.hidden = teas.length > 0;
  const total = document.querySelector('[data-total]');
  if (total) total.textContent = `¥${teas.reduce((sum, tea) => sum + (PRICES[tea]?.price ?? 0), 0)}`;
}

function line(tea: string, count: number, zh: boolean): HTMLElement {
  const item = document.createElement('li');
  const name = document.createElement('span');
  const known = PRICES[tea];
  name.textContent = `${(zh ? known?.zh : known?.en) ?? ''} × ${count}`;
  const price = document.createElement('b');
  price.textContent = `¥${(known?.price ?? 0) * count}`;
  const less = document.createElement('button');
  less.type = 'button';
  less.textContent = zh ? '移除' : 'Remove';
  less.addEventListener('click', () => keep(basket().filter((t) => t !== tea)));
  item.append(name, price, less);
  return item;
}

function order(event: SubmitEvent): void {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const wrong = [...form.querySelectorAll<HTMLInputElement>('input')].filter((i) => !i.checkValidity());
  for (const input of form.querySelectorAll('input')) input.setAttribute('aria-invalid', String(wrong.includes(input)));
  toggle(form, '[data-wrong]', wrong.length > 0);
  toggle(form, '[data-done]', wrong.length === 0);
  if (wrong[0]) wrong[0].focus();
  else keep([]);
}

function toggle(form: HTMLElement, what: string, on: boolean): void {
  const el = form.querySelector<HTMLElement>(what);
  if (el) el.hidden = !on;
}

export {};
