/**
 * `/join/<token>`: the page that a link of an agent's opens for a customer on the phone. It joins the call's session by
 * the link, and what the agent shares comes up on it. Its visitor is its own, so that no other page of this browser
 * takes part in its place; the tab remembers it over a reload.
 */
import { Visitor, type Purse } from '../core/visitor';
import { languageOf } from '../i18n';
import { learn, Sharing } from '../sharing/main';
import chatCss from '../ui/chat.css?inline';
import type { Frame } from '../wire';
import { refusal, say, type JoinWord } from './words';

type Stage = { is: 'ready' | 'joining' | 'in' | 'over' } | { is: 'refused'; why: string };

const KEY = 'ngcc.join';
/** A number that nothing answers: there is no chat on this page. */
const ENTRY = 'join';
/** How long the centre may take to say yes or no. */
const LATE_MS = 20_000;
const BASE = ':host { --accent: #0b63c5; --on-accent: #fff; font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }';

const link = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const lang = languageOf(navigator.language);

interface Kept { link: string; visitor?: { token: string; until: number } | undefined }

/** What this tab remembers of this link; nothing where storage is forbidden. */
function kept(): Kept | undefined {
  try {
    const value = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Kept | null;
    return value?.link === link ? value : undefined;
  } catch {
    return undefined;
  }
}

const purse: Purse = {
  token: (now) => {
    const visitor = kept()?.visitor;
    return visitor && visitor.until > now ? visitor.token : undefined;
  },
  keep: (visitor) => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ link, visitor } satisfies Kept));
    } catch {
      // Then a reload needs another link.
    }
  },
};

class JoinPage {
  #stage: Stage = { is: 'ready' };
  #visitor: Visitor;
  #sharing: Sharing | undefined;
  #isOpen = false;
  #late: ReturnType<typeof setTimeout> | undefined;
  #text = document.createElement('p');
  #button = document.createElement('button');

  constructor(main: HTMLElement) {
    const heading = document.createElement('h1');
    heading.textContent = document.title;
    this.#text.setAttribute('role', 'status');
    this.#button.type = 'button';
    this.#button.onclick = () => this.join();
    const host = document.createElement('div');
    const shadow = host.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [BASE, chatCss].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    main.append(heading, this.#text, this.#button, host);
    this.#visitor = new Visitor(location.origin, () => ({ entry: ENTRY, lang }), {
      link: (state) => this.#linked(state),
      frame: (frame) => this.#frame(frame),
      ended: () => undefined,
    }, purse);
    this.#sharing = new Sharing({
      server: location.origin, host, shadow, lang: () => lang, stays: true, emit: () => undefined,
      send: (type, data) => this.#send(type, data), token: () => this.#visitor.rtcToken(), changed: () => this.#follow(),
    });
    this.#draw();
    // A page that is loaded again goes on by itself.
    if (kept()) this.join();
  }

  join(): void {
    this.#step({ is: 'joining' });
    clearTimeout(this.#late);
    this.#late = setTimeout(() => this.#refused('unavailable'), LATE_MS);
    if (this.#isOpen) this.#ask();
    else this.#visitor.connect();
  }

  #ask(): void {
    this.#visitor.send([{ type: 'collab.join', id: 'join', data: { link } }]);
  }

  #send(type: string, data: object): Promise<void> {
    if (!this.#isOpen) return Promise.reject(new Error('not connected'));
    this.#visitor.send([{ type, id: type, data }]);
    return Promise.resolve();
  }

  #linked(state: string): void {
    this.#isOpen = state === 'open';
    if (state === 'open' && this.#stage.is === 'joining') this.#ask();
    if (state === 'refused' || state === 'replaced') this.#refused('unavailable');
  }

  #frame(frame: Frame): void {
    const data = (frame.data ?? {}) as { why?: string; code?: string };
    if (frame.type === 'collab.refused') return this.#refused(data.why ?? '');
    if (frame.type === 'error' && frame.id === 'join') return this.#refused(data.code ?? '');
    if (frame.type === 'collab.ended' && this.#stage.is === 'joining') return this.#refused(data.why ?? '');
    if (frame.type.startsWith('collab.')) this.#sharing?.frame(frame);
  }

  #refused(why: string): void {
    if (this.#stage.is !== 'joining') return;
    this.#step({ is: 'refused', why });
  }

  /** Something is shared here now, or no longer. */
  #follow(): void {
    // Its first drawing comes while it is being made.
    if (this.#sharing === undefined) return;
    if (this.#sharing.shares.size > 0) this.#step({ is: 'in' });
    else if (this.#stage.is === 'in') this.#step({ is: 'over' });
  }

  #step(stage: Stage): void {
    if (stage.is !== 'joining') clearTimeout(this.#late);
    this.#stage = stage;
    this.#draw();
  }

  #words(): [text: string, button: JoinWord | undefined] {
    const stage = this.#stage;
    switch (stage.is) {
      case 'ready':
        return [say(lang, 'ready'), 'join'];
      case 'joining':
      case 'over':
        return [say(lang, stage.is), undefined];
      case 'in': {
        const name = [...(this.#sharing?.shares.values() ?? [])].map((share) => share.collab.other || share.invitation.display).find(Boolean);
        return [name ? say(lang, 'in', name) : say(lang, 'in_nobody'), undefined];
      }
      case 'refused':
        // What is not good does not become so.
        return [say(lang, refusal(stage.why)), stage.why === 'too_many' || refusal(stage.why) === 'refused' ? 'again' : undefined];
    }
  }

  #draw(): void {
    const [text, button] = this.#words();
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#button.hidden = button === undefined;
    if (button) this.#button.textContent = say(lang, button);
  }
}

document.documentElement.lang = lang;
document.title = say(lang, 'title');
const main = document.querySelector('main');
// In English, where the words of the language cannot be had.
if (main) void learn(lang).catch(() => undefined).then(() => new JoinPage(main));
