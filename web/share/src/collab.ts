/**
 * One end of one collaboration: the socket with its ticket, reconnection, and what both ends know of each other.
 * What is shared itself passes through as frames; nothing is drawn here.
 */
import { CLOSE, MAX_FRAME, type Consents, type End, type Kind, type Me, type People, type Ready, type Told, type What } from './wire';

/** `over`: it has ended; `replaced`: another page of the same person takes part; `refused`: the ticket is not good. */
export type LinkState = 'connecting' | 'up' | 'waiting' | 'over' | 'replaced' | 'refused';

export interface CollabState {
  link: LinkState;
  kind: Kind;
  me: Me;
  by: End;
  people: People;
  consents: Consents;
  paused: boolean;
  /** Where the session is over: how long this goes on, at the most. */
  until: number | undefined;
  /** Whether what the agent is shown is recorded. */
  recorded: boolean;
  /** What the agent has asked for and the customer has not answered. */
  asked: What | undefined;
  /** Why it has ended. */
  why: string | undefined;
}

export type Answer = { ok: true; type: string; data: unknown } | { ok: false; code: string };

type Heard<T extends keyof Told> = (data: Told[T]) => void;

export interface CollabSettings {
  /** Where the centre is, `http:` or `https:`. */
  server: string;
  collab: string;
  ticket: string;
  kind: Kind;
  me: Me;
}

/** Frames that change what is shared, on top of what `ready` told. */
const CHANGES = ['filled', 'confirmed', 'y', 'rr', 'pushed', 'answered', 'file', 'removed'];
/** So many are kept for who comes late; a page with more is told anew. */
const MAX_UNHEARD = 4000;
const ANSWER_MS = 10_000;
const CONNECT_MS = 8_000;
const SLOW_MS = 5_000;
const MAX_PAUSE_MS = 8_000;
const NOBODY: People = { customer: { name: '', here: false }, agent: { name: '', here: false } };
const NONE: Consents = { view: false, pointer: false, control: false };

export class Collab {
  state: CollabState;
  /** The last `ready`: for those who come to draw it later. */
  ready: Ready | undefined;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #wanted = false;
  #next = 1;
  #asked = new Map<string, (answer: Answer) => void>();
  #listeners = new Set<() => void>();
  #heard = new Map<string, Set<(data: never) => void>>();
  /** What has changed since `ready` while nobody listened: who draws it is loaded later. */
  #lost = false;
  #unheard: { type: string; data: unknown }[] = [];

  constructor(readonly settings: CollabSettings) {
    this.state = {
      link: 'connecting', kind: settings.kind, me: settings.me, by: settings.me === 'customer' ? 'customer' : 'agent', people: NOBODY, consents: NONE,
      paused: false, until: undefined, recorded: false, asked: undefined, why: undefined,
    };
  }

  get id(): string {
    return this.settings.collab;
  }

  /** The other end's name. */
  get other(): string {
    return this.state.people[this.state.me === 'customer' ? 'agent' : 'customer'].name;
  }

  /** The names of those who look on at this moment. */
  get lookers(): string[] {
    return (this.state.people.viewers ?? []).filter((v) => v.here).map((v) => v.name);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `run` for every frame of that type, after the state has taken it. */
  on<T extends keyof Told>(type: T, run: Heard<T>): () => void {
    const set = this.#heard.get(type) ?? new Set();
    this.#heard.set(type, set);
    set.add(run as (data: never) => void);
    const late = this.#unheard.filter((u) => u.type === type);
    this.#unheard = this.#unheard.filter((u) => u.type !== type);
    // The state comes first: whoever listens to changes has asked for `ready` before.
    for (const { data } of late) run(data as Told[T]);
    return () => set.delete(run as (data: never) => void);
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#connect();
  }

  /** Goes away without ending it for the other end. */
  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Whether a listener that comes now would hear less than everything since `ready`. */
  isLate(type: keyof Told): boolean {
    return this.#lost || this.#heard.has(type);
  }

  /** Connects anew: whoever begins to look hears everything from the start. */
  again(): void {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    this.#drop();
    this.#connect();
  }

  /** Ends it for both. */
  leave(): void {
    this.tell('leave', {});
  }

  consent(what: What, on: boolean): void {
    this.tell('consent', { what, on });
    if (this.state.asked === what) this.#set({ asked: undefined });
  }

  /** Sends without waiting; says whether it could. */
  tell(type: string, data: object): boolean {
    if (this.state.link !== 'up' || this.#socket?.readyState !== WebSocket.OPEN) return false;
    const text = JSON.stringify({ type, data });
    // A frame that is too large would only close the socket.
    if (text.length > MAX_FRAME / 3 && new TextEncoder().encode(text).length > MAX_FRAME) return false;
    this.#socket.send(text);
    return true;
  }

  /** Sends and waits for the frame that carries the same id. */
  ask(type: string, data: object): Promise<Answer> {
    const socket = this.#socket;
    if (this.state.link !== 'up' || socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ ok: false, code: 'offline' });
    const id = String(this.#next++);
    return new Promise((done) => {
      const late = setTimeout(() => this.#answer(id, { ok: false, code: 'no_answer' }), ANSWER_MS);
      this.#asked.set(id, (answer) => {
        clearTimeout(late);
        done(answer);
      });
      socket.send(JSON.stringify({ type, id, data }));
    });
  }

  #connect(): void {
    this.#set({ link: 'connecting' });
    const { server, collab, ticket } = this.settings;
    const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/ws/collab/${encodeURIComponent(collab)}`);
    this.#socket = socket;
    const late = setTimeout(() => socket.close(), CONNECT_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', data: { ticket } }));
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      const frame = parse(event.data);
      if (frame?.type === 'ready') clearTimeout(late);
      if (frame) this.#take(frame);
    };
    socket.onclose = (event) => {
      clearTimeout(late);
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  #take({ type, id, data }: { type: string; id?: string; data: unknown }): void {
    switch (type) {
      case 'ready': {
        const { kind, me, by, people, consents, paused, until, recorded } = data as Ready;
        this.#attempt = 0;
        this.ready = data as Ready;
        this.#unheard = [];
        this.#lost = false;
        this.#set({ link: 'up', kind, me, by, people, consents: { ...NONE, ...consents }, paused, until: until ?? undefined, recorded: recorded === true });
        break;
      }
      case 'people':
        this.#set({ people: data as People });
        break;
      case 'consents': {
        const consents = { ...NONE, ...(data as Consents) };
        const { asked } = this.state;
        this.#set({ consents, asked: asked !== undefined && consents[asked] ? undefined : asked });
        break;
      }
      case 'asked':
        this.#set({ asked: (data as Told['asked']).what });
        break;
      case 'paused':
        this.#set({ paused: (data as Told['paused']).on });
        break;
      case 'goes_on':
        this.#set({ until: (data as Told['goes_on']).until });
        break;
      case 'ended':
        this.#wanted = false;
        this.#set({ link: 'over', why: (data as Told['ended']).why });
        break;
      default:
        break;
    }
    if (id !== undefined) {
      const failed = type === 'error' ? ((data as Told['error']).code ?? 'bad') : undefined;
      this.#answer(id, failed === undefined ? { ok: true, type, data } : { ok: false, code: failed });
    }
    const listeners = this.#heard.get(type);
    if (CHANGES.includes(type) && !this.#heard.has(type)) this.#keep(type, data);
    for (const run of listeners ?? []) run(data as never);
  }

  #keep(type: string, data: unknown): void {
    // A page is told whole again and again: what came before is of no use.
    const whole = type === 'rr' && (data as Told['rr']).events.some((e) => e.type === 2);
    if (whole) this.#unheard = this.#unheard.filter((u) => u.type !== 'rr');
    if (this.#unheard.length >= MAX_UNHEARD) this.#lost = true;
    else this.#unheard.push({ type, data });
  }

  #answer(id: string, answer: Answer): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }

  #closed(code: number): void {
    this.#drop();
    if (!this.#wanted) return;
    switch (code) {
      case CLOSE.over:
        this.#wanted = false;
        return this.#set({ link: 'over', why: this.state.why ?? 'left' });
      case CLOSE.replaced:
        this.#wanted = false;
        return this.#set({ link: 'replaced' });
      case CLOSE.denied:
      case CLOSE.bad:
        this.#wanted = false;
        return this.#set({ link: 'refused' });
      default: {
        const pause = code === CLOSE.slow ? SLOW_MS : Math.min(MAX_PAUSE_MS, 300 * 1.6 ** this.#attempt) * (0.5 + Math.random() / 2);
        this.#attempt += 1;
        this.#set({ link: 'waiting' });
        this.#timer = setTimeout(() => this.#connect(), pause);
      }
    }
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const id of [...this.#asked.keys()]) this.#answer(id, { ok: false, code: 'offline' });
  }

  #set(change: Partial<CollabState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}

/** A frame, or nothing for what is none. */
export function parse(raw: unknown): { type: string; id?: string; data: unknown } | undefined {
  if (typeof raw !== 'string') return undefined;
  try {
    const value = JSON.parse(raw) as { type?: unknown; id?: unknown; data?: unknown } | null;
    if (typeof value !== 'object' || value === null || typeof value.type !== 'string') return undefined;
    const data = typeof value.data === 'object' && value.data !== null ? value.data : {};
    return { type: value.type, data, ...(typeof value.id === 'string' && { id: value.id }) };
  } catch {
    return undefined;
  }
}
