/**
 * The state of one chat, as pure functions of what comes over the socket and what the customer does.
 *
 * The centre numbers a session's messages from 1 without a gap. Each number is taken once, in order; what comes
 * behind a gap is held until the rest is asked for. What the customer says waits in `outbox` under a key of our own
 * until its `ack`, and is sent again under that key after every reconnection.
 */
import type { Content, FileContent, Message, ServerFrame, Status } from '../wire';

/** How the page is connected. `mirror`: another tab holds the socket, this one shows what it tells. */
export type Link = 'idle' | 'connecting' | 'open' | 'waiting' | 'mirror' | 'replaced' | 'refused';

export interface Pending {
  key: string;
  content: { kind: 'text'; text: string } | FileContent;
  at: number;
  /** How often it was put on a socket. */
  sent: number;
  /** The code of the centre's refusal; it is not sent again by itself. */
  failed?: string;
  /** Its number, if a delivered message looks like this one whose `ack` was lost. */
  seq?: number;
}

export interface Chat {
  link: Link;
  epoch: string | number | undefined;
  session: string | undefined;
  messages: Message[];
  held: Message[];
  outbox: Pending[];
  status: Status | undefined;
  /** Who writes, until when. */
  typing: { name?: string; until: number } | undefined;
  /** The other side has seen everything up to here. */
  seen: number;
  /** The customer has seen everything up to here. */
  read: number;
  closed: { cause: string } | undefined;
  /** The session is closed at this time unless somebody writes. */
  closesAt: number | undefined;
  maxUpload: number;
  /** The number behind which a replay was asked for, until it is done. */
  resuming: number | undefined;
}

export type Send = { type: string; id?: string; data: object };
export interface Step { chat: Chat; send: Send[] }

const TYPING_MS = 6000;
const MAX_HELD = 512;

export function fresh(): Chat {
  return {
    link: 'idle', epoch: undefined, session: undefined, messages: [], held: [], outbox: [], status: undefined, typing: undefined,
    seen: 0, read: 0, closed: undefined, closesAt: undefined, maxUpload: 25 * 1024 * 1024, resuming: undefined,
  };
}

/** The number of the last message taken. */
export function lastSeq(chat: Chat): number {
  return chat.messages.at(-1)?.seq ?? 0;
}

/** What a frame of the centre makes of the state, and what is answered. */
export function receive(chat: Chat, frame: ServerFrame, now: number): Step {
  switch (frame.type) {
    case 'ready':
      return ready(chat, frame.data);
    case 'session.opened':
      return opened(chat, frame.data.session);
    case 'session.closed':
      // Without a session it is one that never opened.
      return step((frame.data.session ?? undefined) === chat.session ? ended(chat, frame.data.cause) : chat);
    case 'ack':
      return acked(chat, frame.id, frame.data.seq, frame.data.at);
    case 'nack':
      return nacked(chat, frame.id, frame.data.code);
    case 'message':
      return message(chat, frame.data.session, frame.data.message);
    case 'replayed':
      return replayed(chat, frame.data.session, frame.data.up_to);
    case 'typing':
      if (frame.data.session !== chat.session || frame.data.by.is === 'customer') return step(chat);
      return step({ ...chat, typing: writer(frame.data.by, now) });
    case 'read':
      return step(frame.data.session === chat.session ? { ...chat, seen: Math.max(chat.seen, frame.data.seq) } : chat);
    case 'status':
      if (frame.data.session !== chat.session) return step(chat);
      return step(frame.data.status.is === 'closed' ? ended(chat, 'closed') : { ...chat, status: frame.data.status });
    case 'rtc.token':
    case 'error':
    default:
      // A centre newer than this page may tell of more.
      return step(chat);
  }
}

/** The customer says something: it waits for its `ack`, and goes out at once if the socket is open. */
export function say(chat: Chat, key: string, content: Pending['content'], now: number): Step {
  const base = chat.closed ? anew(chat) : chat;
  const pending: Pending = { key, content, at: now, sent: 0 };
  return flush({ ...base, outbox: [...base.outbox, pending], closesAt: undefined }, [pending]);
}

/** A message that was refused is tried again under its key. */
export function retry(chat: Chat, key: string): Step {
  const outbox = chat.outbox.map((p) => (p.key === key ? { ...withoutFailure(p) } : p));
  return flush({ ...chat, outbox }, outbox.filter((p) => p.key === key));
}

/** A refused message is given up. */
export function discard(chat: Chat, key: string): Chat {
  return { ...chat, outbox: chat.outbox.filter((p) => p.key !== key) };
}

/** The socket is gone or another state of the connection holds. */
export function linked(chat: Chat, link: Link): Chat {
  return { ...chat, link, typing: link === 'open' ? chat.typing : undefined, resuming: undefined };
}

/** Everything up to the last message has been seen. */
export function looked(chat: Chat): Step {
  const seq = lastSeq(chat);
  if (seq <= chat.read) return step(chat);
  const send = chat.link === 'open' && chat.session !== undefined && !chat.closed ? [{ type: 'read', data: { seq } }] : [];
  return { chat: { ...chat, read: seq }, send };
}

/** Messages of the other side that have not been seen. */
export function unread(chat: Chat): number {
  return chat.messages.filter((m) => m.seq > chat.read && isNews(m)).length;
}

/** Whether the customer wants to be told of it while they look elsewhere: what others say, and that somebody is there. */
export function isNews(m: Message): boolean {
  if (m.by.is === 'customer') return false;
  return m.content.kind !== 'notice' || m.content.word === 'joined' || m.content.word === 'closes_soon';
}

/** What waits and is not yet among the messages, in the order it was said. */
export function waiting(chat: Chat): Pending[] {
  return chat.outbox.filter((p) => p.seq === undefined);
}

function ready(chat: Chat, data: Extract<ServerFrame, { type: 'ready' }>['data']): Step {
  const base: Chat = { ...chat, link: 'open', epoch: data.epoch, maxUpload: data.max_upload ?? chat.maxUpload, resuming: undefined };
  if (data.session === null) {
    const over = base.session !== undefined && !base.closed ? ended(base, 'closed') : base;
    return flush(over, over.outbox);
  }
  const next = data.session.id === base.session ? { ...base, closed: undefined } : begun(base, data.session.id);
  return resumed(next);
}

function opened(chat: Chat, session: string): Step {
  if (session !== chat.session) return step(begun(chat, session));
  if (!chat.closed) return step(chat);
  // A centre that was started again had not found it yet: it goes on, and a repeat is known by its key.
  const outbox = chat.outbox.map((p) => (p.failed === 'closed' ? withoutFailure(p) : p));
  return resumed({ ...chat, outbox, closed: undefined });
}

/** Another session: nothing of the former one holds but what has not been acknowledged. */
function begun(chat: Chat, session: string): Chat {
  return { ...anew(chat.session === undefined || chat.closed ? chat : ended(chat, 'closed')), session };
}

function anew(chat: Chat): Chat {
  return { ...fresh(), link: chat.link, epoch: chat.epoch, maxUpload: chat.maxUpload, outbox: chat.outbox };
}

/** Asks for what is missing, and sends again what has no `ack`. */
function resumed(chat: Chat): Step {
  const ask = asked({ ...chat, held: [] });
  const again = flush(ask.chat, chat.outbox);
  return { chat: again.chat, send: [...ask.send, ...again.send] };
}

function asked(chat: Chat): Step {
  const last = lastSeq(chat);
  return { chat: { ...chat, resuming: last }, send: [{ type: 'resume', data: { session: chat.session, last_seq: last } }] };
}

function acked(chat: Chat, key: string, seq: number, at: number): Step {
  const pending = chat.outbox.find((p) => p.key === key);
  if (!pending) return step(chat);
  const rest = { ...chat, outbox: chat.outbox.filter((p) => p.key !== key) };
  return take(rest, { seq, id: `own:${key}`, at, by: { is: 'customer' }, content: pending.content });
}

function nacked(chat: Chat, key: string, code: string): Step {
  const outbox = chat.outbox.map((p) => (p.key === key ? { ...p, failed: code } : p));
  return step({ ...chat, outbox });
}

function message(chat: Chat, session: string, m: Message): Step {
  // A flow may greet before `session.opened` is seen.
  const base = chat.session === undefined ? { ...chat, session } : chat;
  return session === base.session ? take(base, m) : step(base);
}

/** Takes a message once: at its place, behind a gap, or instead of what its `ack` alone had told. */
function take(chat: Chat, m: Message): Step {
  const last = lastSeq(chat);
  if (m.seq <= last) return step(settled(replaced(chat, m), m));
  if (m.seq > last + 1) {
    if (chat.held.some((h) => h.seq === m.seq) || chat.held.length >= MAX_HELD) return step(chat);
    const held = [...chat.held, m].sort((a, b) => a.seq - b.seq);
    return chat.resuming !== undefined || chat.link !== 'open' ? step({ ...chat, held }) : asked({ ...chat, held });
  }
  const messages = [...chat.messages, m];
  let held = chat.held.filter((h) => h.seq > m.seq);
  let taken = settled({ ...chat, messages, held, typing: m.by.is === 'customer' ? chat.typing : undefined, closesAt: closing(m, chat.closesAt) }, m);
  for (let next = held[0]; next && next.seq === lastSeq(taken) + 1; next = held[0]) {
    held = held.slice(1);
    taken = settled({ ...taken, messages: [...taken.messages, next], held, closesAt: closing(next, taken.closesAt) }, next);
  }
  return step(taken);
}

function closing(m: Message, before: number | undefined): number | undefined {
  const c = m.content;
  if (c.kind !== 'notice') return undefined;
  return c.word === 'closes_soon' ? c.at : before;
}

/** What an `ack` told is replaced by what the centre stored: a masked one must not stay readable. */
function replaced(chat: Chat, m: Message): Chat {
  const at = chat.messages.findIndex((o) => o.seq === m.seq);
  if (at < 0 || !chat.messages[at]?.id.startsWith('own:') || m.id.startsWith('own:')) return chat;
  return { ...chat, messages: chat.messages.with(at, m) };
}

/** A delivered message of the customer's whose `ack` was lost hides the waiting one that says the same. */
function settled(chat: Chat, m: Message): Chat {
  if (m.by.is !== 'customer' || m.id.startsWith('own:') || chat.outbox.some((p) => p.seq === m.seq)) return chat;
  const at = chat.outbox.findIndex((p) => p.seq === undefined && p.sent > 0 && same(p.content, m.content));
  const pending = chat.outbox[at];
  return pending ? { ...chat, outbox: chat.outbox.with(at, { ...pending, seq: m.seq }) } : chat;
}

function same(a: Content, b: Content): boolean {
  if (a.kind === 'text') return b.kind === 'masked' || (b.kind === 'text' && a.text === b.text);
  return a.kind === 'file' && b.kind === 'file' && a.file === b.file;
}

function replayed(chat: Chat, session: string, upTo: number): Step {
  if (session !== chat.session) return step(chat);
  // A replay is whole: a number up to its end that has not come was a note among agents, and is nobody's to wait for.
  let done: Chat = { ...chat, resuming: undefined };
  for (let next = done.held[0]; next && next.seq <= Math.max(upTo, lastSeq(done)) + 1; next = done.held[0]) {
    const messages = [...done.messages, next];
    done = settled({ ...done, messages, held: done.held.slice(1), closesAt: closing(next, done.closesAt) }, next);
  }
  const last = lastSeq(done);
  // A gap may remain behind the replay; asking again without any progress would never end.
  return last > (chat.resuming ?? last) && (last < upTo || done.held.length > 0) ? asked(done) : step(done);
}

/** What was sent and has no `ack` may be in the session that is over: the customer decides, it is not sent by itself. */
function ended(chat: Chat, cause: string): Chat {
  const outbox = chat.outbox.filter((p) => p.seq === undefined).map((p) => (p.sent > 0 ? { failed: 'closed', ...p } : p));
  return { ...chat, outbox, closed: { cause }, status: undefined, typing: undefined, closesAt: undefined };
}

function writer(by: { is: string; display?: string }, now: number): NonNullable<Chat['typing']> {
  const until = now + TYPING_MS;
  return by.display === undefined ? { until } : { name: by.display, until };
}

function withoutFailure({ failed: _, ...p }: Pending): Pending {
  return p;
}

/** Puts on the socket what of `which` is not refused. */
function flush(chat: Chat, which: Pending[]): Step {
  if (chat.link !== 'open') return step(chat);
  const out = which.filter((p) => p.failed === undefined);
  const keys = new Set(out.map((p) => p.key));
  const outbox = chat.outbox.map((p) => (keys.has(p.key) ? { ...p, sent: p.sent + 1 } : p));
  const send = out.map((p) => ({
    type: 'message.send', id: p.key, data: p.content.kind === 'text' ? { text: p.content.text } : { file: p.content.file },
  }));
  return { chat: { ...chat, outbox }, send };
}

function step(chat: Chat): Step {
  return { chat, send: [] };
}
