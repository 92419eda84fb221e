/** What the board shows of the walk-through. Pure, so that it can be tested; the names of states are those of the board. */

export interface Slot { is: string; session?: string }
export interface Seat { agent: string; display: string; availability: { is: string; reason?: string }; voice: Slot; chats: Slot[] }
export interface Board {
  queues: { name: string; waiting: number; free: number; signed_in: number }[];
  seats: Seat[];
  waiting: { session: string; medium: string; queue: string }[];
  sessions: number;
}

export const STEPS = ['ready', 'contact', 'queue', 'talk', 'auto', 'back', 'wrap'] as const;
export type StepName = (typeof STEPS)[number];

/** The steps done after `board`, given those done before. Giving back needs a hand-over first; wrap-up needs a talk. */
export function progress(done: ReadonlySet<StepName>, board: Board): Set<StepName> {
  const now = new Set(done);
  const slots = board.seats.flatMap((s) => [s.voice, ...s.chats]);
  const any = (...states: string[]) => slots.some((s) => states.includes(s.is));
  if (board.seats.some((s) => s.availability.is === 'ready')) now.add('ready');
  if (board.sessions > 0) now.add('contact');
  if (board.waiting.length > 0 || any('reserved', 'alerting')) now.add('queue');
  if (any('talking')) now.add('talk');
  if (any('in_ivr')) now.add('auto');
  if (done.has('auto') && any('talking')) now.add('back');
  if (now.has('talk') && any('wrap_up')) now.add('wrap');
  return now;
}

/** An agent's state in one word of the house: what the voice slot does, else the availability, else how many chats. */
export function stateOf(seat: Seat): 'offline' | 'ready' | 'break' | 'ringing' | 'talking' | 'wrap' {
  const slots = [seat.voice, ...seat.chats].map((s) => s.is);
  if (slots.some((s) => s === 'reserved' || s === 'alerting')) return 'ringing';
  if (slots.some((s) => ['talking', 'held', 'in_ivr'].includes(s))) return 'talking';
  if (slots.includes('wrap_up')) return 'wrap';
  if (seat.availability.is === 'ready') return 'ready';
  return seat.availability.is === 'not_ready' ? 'break' : 'offline';
}
