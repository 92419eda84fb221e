// Colleagues' messages: one conversation a colleague, each message once (by its id), and what is unread.
import type { ImMessage, Quote } from "../wire/protocol";

export type ImUnsent = { key: string; to: string; text: string; quote: Quote | null; at: number; failed: string | null };

export type Talk = {
  messages: ImMessage[];
  unread: number;
  /** One of the unread ones names me. */
  mentioned: boolean;
  complete: boolean;
};

export type Team = {
  /** By the colleague's URI. */
  talks: Record<string, Talk>;
  unsent: ImUnsent[];
  /** The number up to which this box was acknowledged. */
  got: number;
};

export const emptyTeam: Team = { talks: {}, unsent: [], got: 0 };
export const emptyTalk: Talk = { messages: [], unread: 0, mentioned: false, complete: false };

export function talkWith(team: Team, who: string): Talk {
  return team.talks[who] ?? emptyTalk;
}

function insert(talk: Talk, incoming: readonly ImMessage[]): Talk {
  const known = new Set(talk.messages.map((m) => m.id));
  const fresh = incoming.filter((m) => !known.has(m.id));
  if (fresh.length === 0) return talk;
  const messages = [...talk.messages, ...fresh].sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  return { ...talk, messages };
}

function put(team: Team, who: string, talk: Talk): Team {
  return { ...team, talks: { ...team.talks, [who]: talk } };
}

/**
 * A message for me. `open` is the conversation that is looked at, where nothing becomes unread; `namesMe` says that the
 * text names me.
 */
export function receive(team: Team, message: ImMessage, open: string | null, namesMe = false): Team {
  const before = talkWith(team, message.from);
  const talk = insert(before, [message]);
  const got = Math.max(team.got, message.seq);
  if (talk === before) return got === team.got ? team : { ...team, got };
  const seen = open === message.from;
  const [unread, mentioned] = seen ? [0, false] : [talk.unread + 1, talk.mentioned || namesMe];
  return { ...put(team, message.from, { ...talk, unread, mentioned }), got };
}

export function stored(team: Team, key: string, message: ImMessage): Team {
  const rest = { ...team, unsent: team.unsent.filter((u) => u.key !== key) };
  return put(rest, message.to, insert(talkWith(rest, message.to), [message]));
}

/** An answer to `look`; fewer than asked for means that there is nothing older. */
export function history(team: Team, who: string, messages: readonly ImMessage[], limit: number): Team {
  const talk = insert(talkWith(team, who), messages);
  return put(team, who, { ...talk, complete: talk.complete || messages.length < limit });
}

export function open(team: Team, who: string): Team {
  const talk = talkWith(team, who);
  return talk.unread === 0 ? team : put(team, who, { ...talk, unread: 0, mentioned: false });
}

export function send(team: Team, unsent: ImUnsent): Team {
  return { ...team, unsent: [...team.unsent.filter((u) => u.key !== unsent.key), unsent] };
}

export function refused(team: Team, key: string, why: string): Team {
  return { ...team, unsent: team.unsent.map((u) => (u.key === key ? { ...u, failed: why } : u)) };
}

export function unreadOf(team: Team): number {
  return Object.values(team.talks).reduce((sum, talk) => sum + talk.unread, 0);
}
