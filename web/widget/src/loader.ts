/**
 * `<ngcc-widget entry="shop">`: the element and its bubble. Everything else is loaded at the first click, or at once
 * where the customer has a conversation or a call that goes on.
 *
 * Attributes: `entry` (the number that is dialled), `lang` (zh-CN, en), `theme` (light, dark, auto), `accent` (a CSS
 * hex colour), `brand`, `greet` (flow: the flow speaks first; page: only the page greets), `voice` (synthetic: a tone
 * instead of the microphone), `mode` (bubble; call: a call panel that fills its place), `video` (offers video),
 * `server` (where the centre is; else where this script came from).
 */
import type { Mounted } from './app';
import type { Identity } from './wire';
import css from './loader.css?inline';

const ATTRIBUTES = ['lang', 'theme', 'accent', 'brand'];

export class NgccWidget extends HTMLElement {
  static observedAttributes = ATTRIBUTES;
  #mounted: Promise<Mounted> | undefined;
  /** Told before anything is loaded: kept for then. */
  #user: Identity | undefined;
  #attributes: Record<string, string> | undefined;
  #bubble = document.createElement('button');

  connectedCallback(): void {
    if (this.shadowRoot) return;
    const shadow = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
    this.#paint();
    if (this.getAttribute('mode') === 'call') {
      void this.#load();
      return;
    }
    this.#bubble.className = 'bubble';
    this.#bubble.setAttribute('aria-expanded', 'false');
    this.#bubble.append(icon());
    this.#bubble.onclick = () => void this.#load().then((m) => m.toggle());
    shadow.append(this.#bubble);
    if (goesOn(this.getAttribute('entry') ?? '')) void this.#load();
  }

  attributeChangedCallback(): void {
    if (!this.shadowRoot) return;
    this.#paint();
    void this.#mounted?.then((m) => m.attributesChanged());
  }

  /** Opens the chat. */
  open(): Promise<void> {
    return this.#load().then((m) => m.open());
  }

  /** Minimises it; the conversation goes on. */
  close(): void {
    void this.#mounted?.then((m) => m.close());
  }

  /**
   * Tells who the page's user is, by what the page's server has made: a `jwt` (HS256), or an `id` with its `hash`,
   * hex(HMAC-SHA256(secret, id)).
   */
  setUser(user: Identity): void {
    this.#user = user;
    void this.#mounted?.then((m) => m.setUser(user));
  }

  /** What the page knows of the customer, for the agent to see. */
  setAttributes(attributes: Record<string, string>): void {
    this.#attributes = { ...this.#attributes, ...attributes };
    void this.#mounted?.then((m) => m.setAttributes(attributes));
  }

  /** Forgets the visitor: another person uses the page. */
  reset(): void {
    this.#user = undefined;
    this.#attributes = undefined;
    void this.#load().then((m) => m.reset());
  }

  /** Begins a call. */
  call(video = false): Promise<void> {
    return this.#load().then((m) => m.call(video));
  }

  /** What the present call's connection counts: bytes, packets, levels, frames. Nothing without a call. */
  callReport(): Promise<Record<string, number> | undefined> {
    return this.#mounted?.then((m) => m.callReport()) ?? Promise.resolve(undefined);
  }

  /** Shares something: `cobrowse`, `whiteboard`, `document`, `file` or `url`. Without a conversation one begins, at `entry` if given. */
  share(kind: string, more: { user?: string; entry?: string } = {}): Promise<void> {
    return this.#load().then((m) => m.share(kind, more));
  }

  #load(): Promise<Mounted> {
    this.#mounted ??= import('./app').then((app) => {
      const mounted = app.mount(this, this.#bubble, this.getAttribute('server') ?? new URL(import.meta.url).origin);
      if (this.#attributes) mounted.setAttributes(this.#attributes);
      if (this.#user) mounted.setUser(this.#user);
      return mounted;
    });
    // A load that failed is tried again by the next click.
    this.#mounted.catch(() => (this.#mounted = undefined));
    return this.#mounted;
  }

  #paint(): void {
    const accent = this.getAttribute('accent') ?? '';
    const rgb = /^#([0-9a-f]{6})$/i.exec(accent)?.[1];
    if (rgb) {
      this.style.setProperty('--ngcc-accent', accent);
      this.style.setProperty('--ngcc-on-accent', luminance(rgb) > 0.196 ? '#0B1520' : '#FFFFFF');
    }
    const zh = (this.getAttribute('lang') ?? navigator.language).toLowerCase().startsWith('zh');
    this.#bubble.setAttribute('aria-label', zh ? '联系客服' : 'Chat with us');
  }
}

/** Relative luminance (WCAG 2.2) of six hex digits. */
function luminance(rgb: string): number {
  const part = (at: number): number => {
    const c = parseInt(rgb.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4);
}

/** Whether a conversation, a call or an open window is remembered (`core/storage.ts` has the form). */
function goesOn(entry: string): boolean {
  try {
    const e = (JSON.parse(localStorage.getItem('ngcc') ?? '{}') as { entries?: Record<string, Record<string, unknown>> }).entries?.[entry];
    return Boolean(e && (e['session'] || e['call'] || e['open'] || (e['outbox'] as unknown[] | undefined)?.length));
  } catch {
    return false;
  }
}

function icon(): SVGElement {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', 'M12 3C6.9 3 3 6.6 3 11c0 2.3 1.1 4.4 2.8 5.9L5 21l4.3-2c.9.2 1.8.3 2.7.3 5.1 0 9-3.6 9-8S17.1 3 12 3Z');
  svg.append(path);
  return svg;
}

if (!customElements.get('ngcc-widget')) customElements.define('ngcc-widget', NgccWidget);
