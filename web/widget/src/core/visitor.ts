/** The socket of a chat: token, first-frame `auth`, reconnection. What the frames mean is decided in `chat.ts`. */
import { CLOSE, parse, type Frame, type Identity, type ServerFrame } from '../wire';
import { Backoff } from './backoff';
import type { Send } from './chat';
import * as storage from './storage';

export interface VisitorEvents {
  link(link: 'connecting' | 'open' | 'waiting' | 'replaced' | 'refused'): void;
  frame(frame: ServerFrame): void;
  /** The centre has closed the session itself (4410). */
  ended(): void;
}

export interface Who { entry: string; lang: string; name?: string | undefined; identity?: Identity | undefined; attributes?: Record<string, string> | undefined }

/** Where the token that says which visitor this is lies between two pages. */
export interface Purse {
  token(now: number): string | undefined;
  keep(value: { token: string; until: number } | undefined): void;
}

const KEPT: Purse = { token: storage.visitor, keep: storage.rememberVisitor };

const PAUSE_SLOW_MS = 5000;
/** A socket on which nothing happens for so long while connecting is given up. */
const CONNECT_MS = 10_000;

export class Visitor {
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;
  #denied = 0;
  /** The code of the last `error` before `ready`: why a door stays shut. */
  #why: string | undefined;
  #backoff = new Backoff();
  #tokens: { resolve(token: string): void; reject(why: Error): void }[] = [];

  constructor(
    private readonly server: string,
    private readonly who: () => Who,
    private readonly on: VisitorEvents,
    private readonly purse = KEPT,
  ) {
    addEventListener('online', () => this.#hurry());
  }

  connect(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#backoff.reset();
    void this.#open();
  }

  disconnect(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** As somebody else, or after a change of what `auth` tells. */
  again(): void {
    if (!this.#wanted) return;
    this.disconnect();
    this.connect();
  }

  send(frames: Send[]): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    for (const frame of frames) this.#socket.send(JSON.stringify(frame));
  }

  /** Tells what the page knows of its user; by itself with each connection. */
  attributes(): void {
    const { attributes } = this.who();
    if (attributes === undefined) return;
    this.send([{ type: 'attributes.set', id: 'attributes', data: { attributes } }]);
  }

  /** A one-time token for `/ws/rtc`. */
  rtcToken(): Promise<string> {
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error('not connected'));
    this.send([{ type: 'rtc.token', id: crypto.getRandomValues(new Uint32Array(1)).join(), data: {} }]);
    return new Promise((resolve, reject) => this.#tokens.push({ resolve, reject }));
  }

  async #open(): Promise<void> {
    this.on.link('connecting');
    let token: string;
    try {
      token = await visitorToken(this.server, this.purse);
    } catch (why) {
      if (!this.#wanted) return;
      return why instanceof Refused ? this.on.link('refused') : this.#later(this.#backoff.next());
    }
    if (!this.#wanted) return;
    const socket = new WebSocket(`${this.server.replace(/^http/, 'ws')}/ws/visitor`);
    this.#socket = socket;
    this.#why = undefined;
    const tooLong = setTimeout(() => socket.close(), CONNECT_MS);
    socket.onopen = () => {
      const { entry, lang, name, identity } = this.who();
      // What follows the path may be secret: the agent is shown where the customer is, not with what.
      const page = (location.origin + location.pathname).slice(0, 500);
      // Without its proof an identity would only be refused; the name is shown all the same.
      const { jwt } = identity ?? {};
      const proven = jwt !== undefined ? { jwt } : identity?.hash === undefined ? undefined : identity;
      socket.send(JSON.stringify({ type: 'auth', data: { token, entry, lang, name, page, identity: proven } }));
    };
    socket.onmessage = (event) => {
      const frame = parse(event.data);
      if (!frame || socket !== this.#socket) return;
      if (frame.type === 'ready') {
        clearTimeout(tooLong);
        this.#backoff.reset();
        this.#denied = 0;
        this.on.link('open');
        this.attributes();
      }
      this.#take(frame);
    };
    socket.onclose = (event) => {
      clearTimeout(tooLong);
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  #take(frame: Frame): void {
    if (frame.type === 'rtc.token') {
      const { token } = frame.data as { token: string };
      this.#tokens.shift()?.resolve(token);
      return;
    }
    if (frame.type === 'error') this.#why = (frame.data as { code?: string }).code;
    this.on.frame(frame as ServerFrame);
  }

  #closed(code: number): void {
    this.#drop();
    if (!this.#wanted) return;
    switch (code) {
      case CLOSE.denied:
        // Only a bad token is mended by another one; an identity or an entry that is refused is the page's to mend.
        if (this.#why !== undefined && this.#why !== 'token') return this.#stop('refused');
        this.purse.keep(undefined);
        this.#denied += 1;
        if (this.#denied > 2) return this.#stop('refused');
        return this.#later(this.#backoff.next());
      case CLOSE.bad:
        return this.#stop('refused');
      case CLOSE.replaced:
        return this.#stop('replaced');
      case CLOSE.ended:
        this.on.ended();
        return this.#later(this.#backoff.next());
      case CLOSE.slow:
        return this.#later(PAUSE_SLOW_MS);
      default:
        return this.#later(this.#backoff.next());
    }
  }

  #stop(link: 'refused' | 'replaced'): void {
    this.#wanted = false;
    this.on.link(link);
  }

  #later(ms: number): void {
    this.on.link('waiting');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), ms);
  }

  #hurry(): void {
    if (!this.#wanted || this.#socket) return;
    clearTimeout(this.#timer);
    void this.#open();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const waiting of this.#tokens.splice(0)) waiting.reject(new Error('not connected'));
  }
}

class Refused extends Error {}

/** The stored token, or a new one. */
export async function visitorToken(server: string, purse = KEPT): Promise<string> {
  const known = purse.token(Date.now());
  if (known !== undefined) return known;
  const answer = await fetch(`${server}/api/v1/visitors`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  if (answer.status === 403) throw new Refused();
  if (!answer.ok) throw new Error(`visitors: ${answer.status}`);
  const { token, until } = (await answer.json()) as { token: string; until: number };
  purse.keep({ token, until });
  return token;
}
