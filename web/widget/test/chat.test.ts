import { describe, expect, test } from 'vitest';
import { discard, fresh, lastSeq, linked, looked, receive, retry, say, unread, waiting, type Chat, type Send, type Step } from '../src/core/chat';
import type { Message, ServerFrame } from '../src/wire';
import { Centre } from './centre';
import { seeded } from './rng';

const text = (t: string) => ({ kind: 'text' as const, text: t });
const texts = (chat: Chat) => chat.messages.map((m) => (m.content.kind === 'text' ? m.content.text : m.content.kind));
const message = (seq: number, t: string, by: Message['by'] = { is: 'agent', display: 'Alice' }): ServerFrame => ({
  type: 'message', data: { session: 'ses_1', message: { seq, id: `msg_${seq}`, at: seq, by, content: text(t) } },
});
const ready = (last: number | null): ServerFrame => ({ type: 'ready', data: { visitor: 'v', epoch: 1, session: last === null ? null : { id: 'ses_1', last_seq: last } } });

/** Runs frames one after another and gathers what is sent. */
function run(chat: Chat, ...frames: ServerFrame[]): Step {
  return frames.reduce<Step>(
    (step, frame) => {
      const next = receive(step.chat, frame, 0);
      return { chat: next.chat, send: [...step.send, ...next.send] };
    },
    { chat, send: [] },
  );
}
const open = () => run(fresh(), ready(0), { type: 'replayed', data: { session: 'ses_1', up_to: 0 } }).chat;

describe('what comes', () => {
  test('each number is taken once and in order, whatever comes twice', () => {
    const { chat } = run(open(), message(1, 'a'), message(2, 'b'), message(2, 'b'), message(1, 'a'), message(3, 'c'));
    expect(texts(chat)).toEqual(['a', 'b', 'c']);
  });

  test('what is behind a gap is held, the rest is asked for once, and then all of it is in order', () => {
    const gap = run(open(), message(1, 'a'), message(3, 'c'), message(4, 'd'));
    expect(texts(gap.chat)).toEqual(['a']);
    expect(gap.send).toEqual([{ type: 'resume', data: { session: 'ses_1', last_seq: 1 } }]);
    expect(texts(run(gap.chat, message(2, 'b')).chat)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a number that a whole replay did not bring was a note among agents: what is behind it is shown', () => {
    const gap = run(open(), message(1, 'a'), message(3, 'c'), message(5, 'e'));
    const { chat } = run(gap.chat, message(3, 'c'), { type: 'replayed', data: { session: 'ses_1', up_to: 4 } }, message(6, 'f'));
    expect(texts(chat)).toEqual(['a', 'c', 'e', 'f']);
  });

  test('a replay that brings nothing is not asked for again and again', () => {
    const { chat } = run(open(), message(5, 'e'));
    expect(run(chat, { type: 'replayed', data: { session: 'ses_1', up_to: 5 } }).send).toEqual([]);
  });

  test('a message of another session is not taken', () => {
    const other: ServerFrame = { type: 'message', data: { session: 'ses_2', message: { seq: 1, id: 'm', at: 1, by: { is: 'automation' }, content: text('x') } } };
    expect(texts(run(open(), other).chat)).toEqual([]);
  });

  test('s0_08_the_warning_shows_until_somebody_writes_or_the_session_is_closed', () => {
    const warning: ServerFrame = {
      type: 'message', data: { session: 'ses_1', message: { seq: 1, id: 'm', at: 1, by: { is: 'centre' }, content: { kind: 'notice', word: 'closes_soon', at: 99 } } },
    };
    const warned = run(open(), warning).chat;
    expect(warned.closesAt).toBe(99);
    expect(run(warned, message(2, 'still there?')).chat.closesAt).toBeUndefined();
    expect(say(warned, 'k', text('yes'), 0).chat.closesAt).toBeUndefined();
    const closed = run(warned, { type: 'session.closed', data: { session: 'ses_1', cause: 'idle' } }).chat;
    expect([closed.closesAt, closed.closed]).toEqual([undefined, { cause: 'idle' }]);
  });

  test('unread counts what others said, until it was looked at, and looking is told once', () => {
    const { chat } = run(open(), message(1, 'a'), message(2, 'own', { is: 'customer' }), message(3, 'b'));
    expect(unread(chat)).toBe(2);
    const seen = looked(chat);
    expect(seen.send).toEqual([{ type: 'read', data: { seq: 3 } }]);
    expect(unread(seen.chat)).toBe(0);
    expect(looked(seen.chat).send).toEqual([]);
  });
});

test('a session that a restarted centre finds late goes on with all that was said', () => {
  const said = say(run(open(), message(1, 'a')).chat, 'k1', text('hi'), 0).chat;
  const lost = run(linked(said, 'waiting'), ready(null)).chat;
  expect(lost.closed).toBeDefined();
  const found = run(lost, { type: 'session.opened', data: { session: 'ses_1' } });
  expect(found.send).toEqual([
    { type: 'resume', data: { session: 'ses_1', last_seq: 1 } },
    { type: 'message.send', id: 'k1', data: { text: 'hi' } },
  ]);
  expect([texts(found.chat), found.chat.closed]).toEqual([['a'], undefined]);
});

test('what a newer centre tells is passed over', () => {
  const before = open();
  expect(receive(before, { type: 'weather', data: {} } as unknown as ServerFrame, 0)).toEqual({ chat: before, send: [] });
});

test('that somebody has joined is news, that the customer was away is none', () => {
  const told = (seq: number, word: 'joined' | 'customer_gone'): ServerFrame => ({
    type: 'message', data: { session: 'ses_1', message: { seq, id: `m${seq}`, at: seq, by: { is: 'centre' }, content: { kind: 'notice', word, display: 'Alice' } as Message['content'] } },
  });
  expect(unread(run(open(), told(1, 'customer_gone')).chat)).toBe(0);
  expect(unread(run(open(), told(1, 'customer_gone'), told(2, 'joined')).chat)).toBe(1);
});

describe('what is said', () => {
  test('waits without a connection and goes out with the next one under the same key', () => {
    const offline = say(linked(open(), 'waiting'), 'k1', text('hi'), 0);
    expect(offline.send).toEqual([]);
    expect(run(offline.chat, ready(0)).send).toContainEqual({ type: 'message.send', id: 'k1', data: { text: 'hi' } });
  });

  test('is shown once when the ack comes before the message, after it, or not at all', () => {
    const said = say(open(), 'k1', text('hi'), 0).chat;
    const own = message(1, 'hi', { is: 'customer' });
    const ack: ServerFrame = { type: 'ack', id: 'k1', data: { seq: 1, at: 1 } };
    for (const frames of [[ack, own], [own, ack], [own], [ack]]) {
      const { chat } = run(said, ...frames);
      expect(texts(chat)).toEqual(['hi']);
      expect(waiting(chat)).toEqual([]);
    }
  });

  test('a hidden entry does not stay readable once the centre has told it as hidden', () => {
    const said = say(open(), 'k1', text('1234'), 0).chat;
    const masked: ServerFrame = { type: 'message', data: { session: 'ses_1', message: { seq: 1, id: 'msg_1', at: 1, by: { is: 'customer' }, content: { kind: 'masked' } } } };
    expect(texts(run(said, { type: 'ack', id: 'k1', data: { seq: 1, at: 1 } }, masked).chat)).toEqual(['masked']);
  });

  test('a refused message stays, is not sent by itself, and is tried again or given up by hand', () => {
    const said = say(open(), 'k1', text('hi'), 0).chat;
    const refused = run(said, { type: 'nack', id: 'k1', data: { code: 'too_many' } }).chat;
    expect(waiting(refused).map((p) => p.failed)).toEqual(['too_many']);
    expect(run(linked(refused, 'waiting'), ready(0)).send.filter((f) => f.type === 'message.send')).toEqual([]);
    expect(retry(refused, 'k1').send).toEqual([{ type: 'message.send', id: 'k1', data: { text: 'hi' } }]);
    expect(discard(refused, 'k1').outbox).toEqual([]);
  });

  test('what may be in a session that is over is not sent into the next one by itself', () => {
    const said = say(open(), 'k1', text('hi'), 0).chat;
    const next = run(linked(said, 'waiting'), ready(null));
    expect(next.send).toEqual([]);
    expect(waiting(next.chat).map((p) => p.failed)).toEqual(['closed']);
  });

  test('after the end of a session the next text begins another', () => {
    const closed = run(open(), message(1, 'a'), { type: 'session.closed', data: { session: 'ses_1', cause: 'idle' } }).chat;
    const again = say(closed, 'k2', text('one more thing'), 0);
    expect(again.send).toEqual([{ type: 'message.send', id: 'k2', data: { text: 'one more thing' } }]);
    const opened = run(again.chat, { type: 'session.opened', data: { session: 'ses_2' } }).chat;
    expect([opened.closed, opened.session, lastSeq(opened)]).toEqual([undefined, 'ses_2', 0]);
  });
});

describe('a thousand runs with random cuts', () => {
  test('nothing is lost, doubled or out of order', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const { chat, centre, said } = cutAndResume(seed);
      const shown = chat.messages.map((m) => [m.seq, m.content.kind === 'text' ? m.content.text : '']);
      expect(shown, `seed ${seed}`).toEqual(centre.stored.map((m) => [m.seq, m.content.kind === 'text' ? m.content.text : '']));
      const own = centre.stored.filter((m) => m.by.is === 'customer').map((m) => (m.content.kind === 'text' ? m.content.text : ''));
      expect(own, `seed ${seed}`).toEqual(said);
      expect(chat.outbox, `seed ${seed}`).toEqual([]);
    }
  });
});

/** Says, hears and cuts at random; each cut loses what is on its way in either direction. */
function cutAndResume(seed: number): { chat: Chat; centre: Centre; said: string[] } {
  const random = seeded(seed);
  const centre = new Centre();
  const said: string[] = [];
  let chat = fresh();
  let up: Send[] = [];
  let down: ServerFrame[] = [];
  const step = (next: Step) => {
    chat = next.chat;
    if (chat.link === 'open') up.push(...next.send);
  };
  const connect = () => {
    [up, down] = [[], [centre.ready()]];
  };
  const act = (what: number) => {
    if (what < 0.2) {
      const t = `own ${said.length}`;
      said.push(t);
      step(say(chat, `key-${seed}-${said.length}`, text(t), 0));
    } else if (what < 0.3) {
      const told = centre.agentSays(`agent ${centre.stored.length}`);
      if (chat.link === 'open') down.push(told);
    } else if (what < 0.6) {
      const frame = up.shift();
      if (frame) down.push(...centre.take(frame));
    } else if (what < 0.92) {
      const frame = down.shift();
      if (frame) step(receive(chat, frame, 0));
    } else {
      chat = linked(chat, 'waiting');
      connect();
    }
  };
  connect();
  for (let n = 0; n < 150; n++) act(random());
  chat = linked(chat, 'waiting');
  connect();
  for (let n = 0; (up.length || down.length) && n < 10_000; n++) act(n % 2 ? 0.4 : 0.7);
  return { chat, centre, said };
}
