// Colleagues' conversations, of two and of groups: each message once and in its order (by its number), and what is unread.
// Of each a window of messages without a hole is held, which the reader moves.
import type { ImConversation, ImFile, ImListed, ImMember, ImMessage, ImPart, Quote } from "../wire/protocol";

export type ImUnsent = {
  key: string; to: string; text: string; quote: Quote | null; file: ImFile | null; names: string[]; at: number;
  failed: string | null;
};

export type Talk = {
  /** What is held of it, by number. */
  messages: ImMessage[];
  /** Something of it was asked for and has come. */
  loaded: boolean;
  older: boolean;
  newer: boolean;
  members: ImMember[];
  /** A group's. */
  name: string | null;
  /** I may write in it. */
  member: boolean;
  unread: number;
  /** One of the unread ones names me. */
  named: boolean;
  /** Its last message, cut where it came with the list. */
  last: ImMessage | null;
  /** The server has said how much of it is unread. */
  listed: boolean;
};

/** What a search has brought. */
export type Search = { words: string; hits: ImMessage[]; next: number | null; busy: boolean };

export type Team = {
  /** By the colleague's or the group's URI. */
  talks: Record<string, Talk>;
  unsent: ImUnsent[];
  /** Who writes in which conversation, and until when that is shown. */
  typing: Record<string, { by: string; until: number }>;
  search: Search | null;
  /** The message that was jumped to. */
  hit: { with: string; n: number } | null;
};

const TYPING_MS = 5_000;

export const emptyTeam: Team = { talks: {}, unsent: [], typing: {}, search: null, hit: null };
export const emptyTalk: Talk = {
  messages: [], loaded: false, older: false, newer: false, members: [], name: null, member: true, unread: 0, named: false,
  last: null, listed: false,
};

export const isGroup = (who: string): boolean => who.startsWith("grp_");

/** Which conversation a message belongs to, as `me` names it. */
export function withOf(message: { from: string; to: string }, me: string): string {
  if (isGroup(message.to)) return message.to;
  return message.from === me ? message.to : message.from;
}

export function talkWith(team: Team, who: string): Talk {
  return team.talks[who] ?? emptyTalk;
}

function put(team: Team, who: string, talk: Talk): Team {
  return { ...team, talks: { ...team.talks, [who]: talk } };
}

function union(held: readonly ImMessage[], more: readonly ImMessage[]): ImMessage[] {
  const by = new Map([...held, ...more].map((m) => [m.n, m]));
  return [...by.values()].sort((a, b) => a.n - b.n);
}

/** What a line changes about its group. */
function changed(talk: Talk, message: ImMessage, me: string): Talk {
  if (message.is !== "changed") return talk;
  const { change } = message;
  const joined = (who: string[]): ImMember[] => [
    ...talk.members, ...who.filter((w) => talk.members.every((m) => m.agent !== w)).map((agent) => ({ agent, read: message.n - 1 })),
  ];
  switch (change.to) {
    case "made": return { ...talk, name: change.name, member: true, members: joined(change.members) };
    case "renamed": return { ...talk, name: change.name };
    case "added": return { ...talk, members: joined(change.who), member: talk.member || change.who.includes(me) };
    case "removed":
    case "left": {
      const who = change.to === "left" ? [message.from] : change.who;
      return { ...talk, members: talk.members.filter((m) => !who.includes(m.agent)), member: talk.member && !who.includes(me) };
    }
  }
}

/** A message at the end of its conversation, whoever wrote it. */
function append(talk: Talk, message: ImMessage, me: string): Talk {
  const known = talk.last?.n ?? 0;
  const held = talk.loaded && !talk.newer ? { ...talk, messages: union(talk.messages, [message]) } : talk;
  if (message.n <= known) return held;
  return { ...changed(held, message, me), last: message };
}

/** A message for me. `seen`: its conversation is looked at, where nothing becomes unread. */
export function receive(team: Team, message: ImMessage, me: string, seen: boolean): Team {
  const who = withOf(message, me);
  const before = talkWith(team, who);
  const talk = append(before, message, me);
  const counts = message.is === "said" && message.from !== me && message.n > (before.last?.n ?? 0) && !seen;
  const named = counts && message.is === "said" && (message.names ?? []).includes(me);
  const next = counts ? { ...talk, unread: talk.unread + 1, named: talk.named || named } : talk;
  const { [who]: typing, ...others } = team.typing;
  const quiet = typing?.by === message.from ? { ...team, typing: others } : team;
  return put(quiet, who, next);
}

export function stored(team: Team, key: string, message: ImMessage, me: string): Team {
  const rest = { ...team, unsent: team.unsent.filter((u) => u.key !== key) };
  const who = withOf(message, me);
  return put(rest, who, append(talkWith(rest, who), message, me));
}

/** The server's list; what has come since it was made is not forgotten. */
export function listed(team: Team, list: readonly ImListed[]): Team {
  const talks = { ...team.talks };
  for (const { with: who, name, member, unread, named, last } of list) {
    const talk = talkWith(team, who);
    const ahead = talk.last !== null && talk.last.n > last.n;
    if (ahead && talk.listed) continue;
    talks[who] = {
      ...talk, name: name ?? null, member, listed: true,
      unread: unread + (ahead ? talk.unread : 0), named: named || (ahead && talk.named), last: ahead ? talk.last : last,
    };
  }
  return { ...team, talks };
}

/** The answer to `look` for a part of a conversation. What does not join on to what is held takes its place. */
export function looked(team: Team, answer: ImConversation, at: ImPart): Team {
  const talk = talkWith(team, answer.with);
  const { name, members, older, newer } = answer;
  const came = answer.messages.toReversed();
  const [first, last] = [talk.messages[0]?.n ?? 0, talk.messages.at(-1)?.n ?? 0];
  const base = { ...talk, name: name ?? talk.name, members, loaded: true };
  const own = { older: talk.older, newer: talk.newer };
  const joins = at.is === "before" ? at.n === first : at.is === "after" ? at.n === last
    : at.is === "newest" && talk.loaded && came.length > 0 && (came[0]?.n ?? 0) <= last + 1;
  if (!joins) return put(team, answer.with, { ...base, messages: came, older, newer });
  const ends = at.is === "before" ? { ...own, older } : { ...own, newer };
  return put(team, answer.with, { ...base, messages: union(talk.messages, came), ...ends });
}

/** I have read it to its end. */
export function seen(team: Team, who: string): Team {
  const talk = talkWith(team, who);
  return talk.unread === 0 && !talk.named ? team : put(team, who, { ...talk, unread: 0, named: false });
}

/** Somebody has read what I wrote. */
export function readBy(team: Team, who: string, by: string, n: number): Team {
  const talk = talkWith(team, who);
  const known = talk.members.some((m) => m.agent === by);
  // Of two there is no list of members until they have written to each other: who has read it is the other.
  if (!known) return isGroup(who) ? team : put(team, who, { ...talk, members: [...talk.members, { agent: by, read: n }] });
  return put(team, who, { ...talk, members: talk.members.map((m) => (m.agent === by && m.read < n ? { ...m, read: n } : m)) });
}

/** How many besides the writer have read the message. */
export function readers(talk: Talk, message: ImMessage): number {
  return talk.members.filter((m) => m.agent !== message.from && m.read >= message.n).length;
}

export function writes(team: Team, who: string, by: string, now: number): Team {
  return { ...team, typing: { ...team.typing, [who]: { by, until: now + TYPING_MS } } };
}

export function stillTyping(team: Team, now: number): Team {
  const typing = Object.fromEntries(Object.entries(team.typing).filter(([, one]) => one.until > now));
  return Object.keys(typing).length === Object.keys(team.typing).length ? team : { ...team, typing };
}

export function send(team: Team, unsent: ImUnsent): Team {
  return { ...team, unsent: [...team.unsent.filter((u) => u.key !== unsent.key), unsent] };
}

export function refused(team: Team, key: string, why: string): Team {
  return { ...team, unsent: team.unsent.map((u) => (u.key === key ? { ...u, failed: why } : u)) };
}

export function discarded(team: Team, key: string): Team {
  return { ...team, unsent: team.unsent.filter((u) => u.key !== key) };
}

/** The conversations that have begun, by their last message, the newest first. */
export function ordered(team: Team): { who: string; talk: Talk; last: ImMessage }[] {
  return Object.entries(team.talks).flatMap(([who, talk]) => (talk.last === null ? [] : [{ who, talk, last: talk.last }]))
    .sort((a, b) => b.last.at - a.last.at || b.last.id.localeCompare(a.last.id));
}

export function unreadOf(team: Team): number {
  return Object.values(team.talks).reduce((sum, talk) => sum + talk.unread, 0);
}
