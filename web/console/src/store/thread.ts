// The messages of one session: every number once and in order, whatever the link does in between, and what
// this agent has said and the store has not yet confirmed.
import type { Content, Message, Nack } from "../wire/protocol";

export type Unsent = {
  /** The same for every repeat, so that it is stored once. */
  key: string;
  content: Content;
  private: boolean;
  at: number;
  /** Why it was not taken; null while it is on its way. */
  failed: Failure | null;
};

/** `no_answer`: it may be stored all the same; sent again with its key it is stored once. */
export type Failure = Nack | "no_answer";

export type Thread = {
  /** By number, without a gap. */
  messages: Message[];
  /** Beyond a gap; shown once the gap is filled. */
  ahead: Message[];
  unsent: Unsent[];
  /** The customer has seen everything up to this number. */
  seen: number;
  /** The agent has seen everything up to this number. */
  read: number;
};

export const emptyThread: Thread = { messages: [], ahead: [], unsent: [], seen: 0, read: 0 };

const MAX_AHEAD = 1000;

/** The last number without a gap before it: what `resume` asks from. */
export function lastSeq(thread: Thread): number {
  return thread.messages.at(-1)?.seq ?? 0;
}

/** Whether something is missing between what is shown and what is known to exist. */
export function hasGap(thread: Thread): boolean {
  return thread.ahead.length > 0;
}

/** Takes messages in any order and any number of times. */
export function take(thread: Thread, incoming: readonly Message[]): Thread {
  const last = lastSeq(thread);
  const fresh = new Map<number, Message>();
  for (const message of [...thread.ahead, ...incoming]) {
    if (message.seq > last && !fresh.has(message.seq)) fresh.set(message.seq, message);
  }
  if (fresh.size === 0) return thread;
  const messages = [...thread.messages];
  let next = last + 1;
  for (let found = fresh.get(next); found !== undefined; found = fresh.get(next)) {
    messages.push(found);
    fresh.delete(next);
    next += 1;
  }
  const ahead = [...fresh.values()].sort((a, b) => a.seq - b.seq).slice(0, MAX_AHEAD);
  return { ...thread, messages, ahead };
}

export function say(thread: Thread, unsent: Unsent): Thread {
  return { ...thread, unsent: [...thread.unsent.filter((u) => u.key !== unsent.key), unsent] };
}

/** What was said is on disk under `seq`; it is shown as a message at once, its echo is a repeat. */
export function confirm(thread: Thread, key: string, message: Omit<Message, "content" | "private">): Thread {
  const unsent = thread.unsent.find((u) => u.key === key);
  if (unsent === undefined) return thread;
  const rest = { ...thread, unsent: thread.unsent.filter((u) => u.key !== key) };
  return take(rest, [{ ...message, content: unsent.content, private: unsent.private }]);
}

export function fail(thread: Thread, key: string, why: Unsent["failed"]): Thread {
  return { ...thread, unsent: thread.unsent.map((u) => (u.key === key ? { ...u, failed: why } : u)) };
}

export function discard(thread: Thread, key: string): Thread {
  return { ...thread, unsent: thread.unsent.filter((u) => u.key !== key) };
}

/** How many of the customer's messages the agent has not looked at. */
export function unread(thread: Thread): number {
  return thread.messages.filter((m) => m.seq > thread.read && m.by.is === "customer").length;
}
