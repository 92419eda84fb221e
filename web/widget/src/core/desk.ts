/**
 * One chat of one page: holds the state of `chat.ts`, runs the socket while this tab leads, tells the other tabs what
 * it sees, and keeps what must survive the page. No drawing here.
 */
import type { FileContent, Frame, Identity, ServerFrame } from '../wire';
import * as chats from './chat';
import { browserLocks, Lead, type Role } from './lead';
import * as storage from './storage';
import { Visitor } from './visitor';

export interface DeskSettings {
  server: string;
  entry: string;
  lang: () => string;
  /** Called for every message that is new to this page and was not there before it. */
  arrived: (message: chats.Chat['messages'][number]) => void;
  /** Called with what the centre says of things that are shared. */
  shared?: (frame: Frame) => void;
}

type Told = { tell: 'chat'; chat: chats.Chat } | { tell: 'ask' } | { tell: 'reset' };

const TYPING_EVERY_MS = 3000;
const TOKEN_WAIT_MS = 10_000;
const SHARE = 'share:';

export class Desk {
  chat = chats.fresh();
  identity: Identity | undefined;
  attributes: Record<string, string> | undefined;
  #listeners = new Set<() => void>();
  #visitor: Visitor;
  #lead: Lead;
  #channel: BroadcastChannel | undefined;
  #started = false;
  #greet = false;
  #typed = 0;
  #telling = false;
  /** What the page before this one remembered. */
  #stored: storage.Entry;

  constructor(readonly settings: DeskSettings) {
    const name = `ngcc:${settings.server}:${settings.entry}`;
    this.#stored = storage.entry(settings.entry);
    this.chat.outbox = this.#stored.outbox ?? [];
    this.#visitor = new Visitor(
      settings.server,
      () => ({ entry: settings.entry, lang: settings.lang(), name: this.identity?.name, identity: this.identity, attributes: this.attributes }),
      {
        link: (link) => this.#step({ chat: chats.linked(this.chat, link), send: [] }),
        frame: (frame) => this.#frame(frame),
        ended: () => this.#frame({ type: 'session.closed', data: { session: this.chat.session ?? null, cause: 'ended' } }),
      },
    );
    this.#lead = new Lead(name, browserLocks(), (role) => this.#role(role));
    if (typeof BroadcastChannel !== 'undefined') {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = (event: MessageEvent<Told>) => this.#heard(event.data);
    }
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Connects, or follows the tab that is connected. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#lead.start();
    if (this.#lead.role === 'leader') return;
    this.#set(chats.linked(this.chat, 'mirror'));
    this.#post({ tell: 'ask' });
  }

  /** The customer acts here: this tab leads from now on. */
  take(): void {
    this.start();
    this.#lead.take();
    if (this.chat.link === 'replaced') this.#visitor.connect();
  }

  /** Begins a session so that the flow greets, unless there is one. */
  greet(): void {
    this.start();
    this.#greet = true;
    this.#greeted();
  }

  say(content: { kind: 'text'; text: string } | FileContent): void {
    this.take();
    this.#step(chats.say(this.chat, key(), content, Date.now()));
  }

  retry(of: string): void {
    this.take();
    this.#step(chats.retry(this.chat, of));
  }

  discard(of: string): void {
    this.#step({ chat: chats.discard(this.chat, of), send: [] });
  }

  typing(): void {
    const now = Date.now();
    if (now - this.#typed < TYPING_EVERY_MS || this.chat.session === undefined) return;
    this.#typed = now;
    this.#visitor.send([{ type: 'typing', data: {} }]);
  }

  looked(): void {
    if (chats.lastSeq(this.chat) > this.chat.read) this.#step(chats.looked(this.chat));
  }

  keepOpen(): void {
    this.take();
    this.#step({ chat: { ...this.chat, closesAt: undefined }, send: [{ type: 'keep_open', data: {} }] });
  }

  end(): void {
    this.take();
    this.#visitor.send([{ type: 'session.end', data: {} }]);
  }

  /** A new session after one that has ended. */
  again(): void {
    this.take();
    this.#set({ ...chats.fresh(), link: this.chat.link, epoch: this.chat.epoch, maxUpload: this.chat.maxUpload });
    this.greet();
  }

  setUser(identity: Identity): void {
    this.identity = identity;
    this.#visitor.again();
  }

  setAttributes(attributes: Record<string, string>): void {
    this.attributes = { ...this.attributes, ...attributes };
    this.#visitor.attributes();
  }

  reset(): void {
    this.#post({ tell: 'reset' });
    this.#forget();
  }

  /** A one-time token for `/ws/rtc`; this tab leads for it. */
  async rtcToken(): Promise<string> {
    this.take();
    await this.#until(() => this.chat.link === 'open', TOKEN_WAIT_MS);
    return this.#visitor.rtcToken();
  }

  /** A frame about what is shared; this tab leads for it. An error is answered under its id. */
  async share(type: string, data: object): Promise<void> {
    this.take();
    await this.#until(() => this.chat.link === 'open', TOKEN_WAIT_MS);
    this.#visitor.send([{ type, id: `${SHARE}${type}`, data }]);
  }

  #forget(): void {
    this.#visitor.disconnect();
    this.#lead.stop();
    storage.forget();
    this.identity = undefined;
    this.attributes = undefined;
    this.#started = false;
    this.#set(chats.fresh());
  }

  #role(role: Role): void {
    if (role === 'waiting') {
      this.#visitor.disconnect();
      this.#step({ chat: chats.linked(this.chat, 'mirror'), send: [] });
      return;
    }
    // What another tab has said and not seen acknowledged is ours to send now.
    const stored = storage.entry(this.settings.entry).outbox ?? [];
    const known = new Set(this.chat.outbox.map((p) => p.key));
    const outbox = [...stored.filter((p) => !known.has(p.key)), ...this.chat.outbox];
    this.#set({ ...chats.linked(this.chat, 'connecting'), outbox });
    this.#visitor.connect();
  }

  #frame(frame: ServerFrame): void {
    this.#step(chats.receive(this.chat, frame, Date.now()));
    const { id, type } = frame as Frame;
    if (id?.startsWith(SHARE) || /^(collab\.|code$|session\.closed)/.test(type)) this.settings.shared?.(frame);
    if (frame.type !== 'ready') return;
    const { session, read } = this.#stored;
    if (session !== undefined && session === this.chat.session) this.#set({ ...this.chat, read: Math.max(this.chat.read, read ?? 0) });
    this.#greeted();
  }

  #greeted(): void {
    const { chat } = this;
    if (!this.#greet || chat.link !== 'open') return;
    this.#greet = false;
    if ((chat.session === undefined || chat.closed) && chat.outbox.length === 0) this.#visitor.send([{ type: 'session.start', data: {} }]);
  }

  #step({ chat, send }: chats.Step): void {
    this.#set(chat);
    this.#visitor.send(send);
  }

  #set(chat: chats.Chat): void {
    const before = this.chat;
    this.chat = chat;
    if (chat.outbox !== before.outbox || chat.session !== before.session || chat.closed !== before.closed || chat.read !== before.read) {
      const session = chat.closed ? undefined : chat.session;
      if (this.#lead.role === 'leader') storage.remember(this.settings.entry, { outbox: chat.outbox, session, read: chat.read });
    }
    const last = before.session === chat.session ? chats.lastSeq(before) : 0;
    if (chat.resuming === undefined && before.resuming === undefined) {
      for (const m of chat.messages) if (m.seq > last && m.by.is !== 'customer') this.settings.arrived(m);
    }
    if (this.#lead.role === 'leader') this.#tell();
    for (const listener of this.#listeners) listener();
  }

  /** Tells the other tabs, once for all that changes in one turn. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      if (this.#lead.role === 'leader') this.#post({ tell: 'chat', chat: this.chat });
    });
  }

  #heard(told: Told): void {
    if (told.tell === 'ask') return this.#lead.role === 'leader' ? this.#tell() : undefined;
    if (told.tell === 'reset') return this.#forget();
    if (this.#lead.role === 'leader' || !this.#started) return;
    this.#set({ ...told.chat, link: 'mirror' });
  }

  #post(told: Told): void {
    this.#channel?.postMessage(told);
  }

  #until(holds: () => boolean, ms: number): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((yes, no) => {
      const off = this.subscribe(() => {
        if (!holds()) return;
        clearTimeout(late);
        off();
        yes();
      });
      const late = setTimeout(() => {
        off();
        no(new Error('not connected'));
      }, ms);
    });
  }
}

/** 128 random bits: the centre knows a repeat by it. */
function key(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
