/** What the loader loads at the first click: the chat's window in the element's shadow, and the page's JS interface. */
import { render } from 'preact';
import { Desk } from './core/desk';
import * as storage from './core/storage';
import { isNews, unread } from './core/chat';
import { languageOf, translator, type Lang } from './i18n';
import { Window } from './ui/window';
import { beep } from './ui/sound';
import css from './ui/chat.css?inline';
import type { Frame, Identity, Message } from './wire';
import type { Call } from './voice/call';
import type { Sharing } from './sharing/main';

/** What the element can ask of the loaded widget. */
export interface Mounted {
  open(): void;
  close(): void;
  toggle(): void;
  setUser(user: Identity): void;
  setAttributes(attributes: Record<string, string>): void;
  reset(): void;
  attributesChanged(): void;
  call(video: boolean): Promise<void>;
  callReport(): Promise<Record<string, number> | undefined>;
  share(kind: string, more: object): Promise<void>;
}

/** What the window shows beside the chat itself, and what it may do. */
export interface View {
  desk: Desk;
  entry: string;
  brand: string | undefined;
  lang: Lang;
  open: boolean;
  page: boolean;
  video: boolean;
  greets: boolean;
  call: Call | undefined;
  /** The call panel, once it is loaded. */
  CallPanel: (typeof import('./voice/panel'))['CallPanel'] | undefined;
  /** What is shared, once that is loaded, and whether its menu is open. */
  sharing: Sharing | undefined;
  ShareMenu: (typeof import('./sharing/menu'))['ShareMenu'] | undefined;
  shareMenu(open: boolean): void;
  setLang(lang: Lang): void;
  close(): void;
  startCall(video: boolean): void;
  leaveCall(): void;
}

class Widget implements Mounted {
  #desk: Desk;
  #entry: string;
  #open: boolean;
  #page: boolean;
  #root = document.createElement('div');
  #voice: typeof import('./voice/main') | undefined;
  #call: Call | undefined;
  #sharing: Promise<Sharing> | undefined;
  #shared: Pick<View, 'sharing' | 'ShareMenu'> = { sharing: undefined, ShareMenu: undefined };
  #shareOpen = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly bubble: HTMLElement,
    private readonly server: string,
  ) {
    this.#entry = host.getAttribute('entry') ?? '';
    this.#page = host.getAttribute('mode') === 'call';
    const stored = storage.entry(this.#entry);
    this.#open = this.#page || (stored.open ?? false);
    this.#desk = new Desk({ server, entry: this.#entry, lang: () => this.#lang(), arrived: (m) => this.#arrived(m), shared: (f) => this.#told(f) });
    const shadow = host.shadowRoot;
    if (!shadow) throw new Error('the element is not connected');
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
    this.#root.className = 'root';
    shadow.append(this.#root);
    this.#desk.subscribe(() => this.#draw());
    // The tab that the customer looks at leads, so that what is read there is told.
    document.addEventListener('visibilitychange', () => {
      if (this.#open && !this.#page && document.visibilityState === 'visible') this.#desk.take();
      this.#seen();
    });
    this.#draw();
    if (stored.session || stored.outbox?.length) this.#desk.start();
    if (this.#open && !this.#page) this.#greet();
    if (stored.call || this.#page) void this.#loadVoice().then(() => this.#call?.comeBack());
  }

  open(): void {
    this.#show(true);
    this.#greet();
  }

  close(): void {
    this.#show(false);
    this.bubble.focus();
  }

  toggle(): void {
    if (this.#open) this.close();
    else this.open();
  }

  setUser(user: Identity): void {
    const texts = (['id', 'name', 'hash', 'jwt'] as const).filter((key) => user[key]).map((key) => [key, String(user[key])]);
    this.#desk.setUser(Object.fromEntries(texts));
  }

  setAttributes(attributes: Record<string, string>): void {
    // What the centre would refuse is left out or cut here, so that it does not take the rest along.
    const few = Object.entries(attributes).filter(([k]) => /^[\w.-]{1,64}$/.test(k)).slice(0, 32);
    this.#desk.setAttributes(Object.fromEntries(few.map(([k, v]) => [k, String(v).replace(/\p{Cc}/gu, ' ').slice(0, 256)])));
  }

  reset(): void {
    this.#call?.hangUp();
    this.#desk.reset();
    this.#show(false);
  }

  attributesChanged(): void {
    this.#draw();
    this.#shared.sharing?.draw();
  }

  async call(video: boolean): Promise<void> {
    this.#show(true);
    await this.#loadVoice();
    await this.#call?.start(video);
  }

  callReport(): Promise<Record<string, number> | undefined> {
    return this.#call?.report() ?? Promise.resolve(undefined);
  }

  async share(kind: string, more: object): Promise<void> {
    const sharing = await this.#loadSharing();
    sharing.ask(kind as Parameters<Sharing['ask']>[0], more);
  }

  #loadSharing(): Promise<Sharing> {
    this.#sharing ??= import('./sharing/main').then(async ({ Sharing, ShareMenu, learn }) => {
      // In English, where the words of the language cannot be had.
      await learn(this.#lang()).catch(() => undefined);
      const sharing = new Sharing({
        server: this.server, host: this.host, shadow: this.host.shadowRoot as ShadowRoot, lang: () => this.#lang(),
        send: (type, data) => this.#desk.share(type, data), emit: (name, detail) => this.#emit(name, detail), changed: () => this.#draw(),
        token: () => this.#desk.rtcToken(),
      });
      this.#shared = { sharing, ShareMenu };
      return sharing;
    });
    // A load that failed is tried again by the next click or word.
    this.#sharing.catch(() => (this.#sharing = undefined));
    return this.#sharing;
  }

  /** The end of a session is no reason to load what shares. */
  #told(frame: Frame): void {
    if (frame.type === 'session.closed' && !this.#sharing) return;
    void this.#loadSharing().then((s) => s.frame(frame));
  }

  #shareMenu(open: boolean): void {
    this.#shareOpen = open;
    if (open) void this.#loadSharing().then(() => this.#draw());
    this.#draw();
  }

  async #loadVoice(): Promise<void> {
    this.#voice ??= await import('./voice/main');
    if (this.#call) return;
    this.#call = this.#voice.createCall({
      server: this.server,
      entry: this.#entry,
      synthetic: this.host.getAttribute('voice') === 'synthetic',
      name: () => this.#desk.identity?.name,
      beside: () => (this.#desk.chat.closed ? undefined : this.#desk.chat.session),
      token: () => this.#desk.rtcToken(),
    });
    let told = '';
    this.#call.subscribe(() => {
      const { stage, leg } = this.#call?.state ?? {};
      if (stage !== undefined && stage !== told) this.#emit('call', { state: stage, leg });
      told = stage ?? told;
      this.#draw();
    });
    this.#draw();
  }

  #greet(): void {
    if (this.#page) return;
    if (this.host.getAttribute('greet') === 'page') this.#desk.start();
    else this.#desk.greet();
  }

  #show(open: boolean): void {
    if (this.#open === open || this.#page) return;
    this.#open = open;
    storage.remember(this.#entry, { open });
    this.#draw();
    this.#emit('open', { open });
  }

  #arrived(m: Message): void {
    const visible = this.#open && document.visibilityState === 'visible';
    if (!visible && isNews(m) && !storage.quiet()) beep();
    this.#emit('message', { seq: m.seq, from: m.by.is, kind: m.content.kind });
  }

  #seen(): void {
    if (this.#open && !this.#page && document.visibilityState === 'visible') this.#desk.looked();
  }

  #emit(name: string, detail: object): void {
    this.host.dispatchEvent(new CustomEvent(`ngcc:${name}`, { detail, bubbles: true, composed: true }));
  }

  #lang(): Lang {
    return languageOf(storage.chosen('lang') ?? this.host.getAttribute('lang') ?? navigator.language);
  }

  #draw(): void {
    this.#seen();
    const lang = this.#lang();
    const count = unread(this.#desk.chat);
    this.bubble.setAttribute('aria-expanded', String(this.#open));
    this.bubble.setAttribute('aria-label', translator(lang)('open') + (count && !this.#open ? ` (${count})` : ''));
    if (count && !this.#open) this.bubble.dataset['unread'] = count > 9 ? '9+' : String(count);
    else delete this.bubble.dataset['unread'];
    const stage = this.#call?.state.stage ?? 'idle';
    this.bubble.toggleAttribute('data-call', stage !== 'idle' && stage !== 'ended');
    this.bubble.hidden = this.#open;
    const view: View = {
      desk: this.#desk, entry: this.#entry, brand: this.host.getAttribute('brand') ?? undefined, lang,
      open: this.#open, page: this.#page, video: this.host.hasAttribute('video'), greets: this.host.getAttribute('greet') === 'page',
      call: this.#call, CallPanel: this.#voice?.CallPanel,
      sharing: this.#shared.sharing, ShareMenu: this.#shareOpen ? this.#shared.ShareMenu : undefined,
      shareMenu: (open) => this.#shareMenu(open),
      setLang: (to) => {
        storage.choose('lang', to);
        this.attributesChanged();
      },
      close: () => this.close(),
      startCall: (video) => void this.call(video),
      leaveCall: () => {
        this.#call?.close();
        this.#draw();
      },
    };
    render(<Window view={view} />, this.#root);
  }
}

export function mount(host: HTMLElement, bubble: HTMLElement, server: string): Mounted {
  return new Widget(host, bubble, server);
}
