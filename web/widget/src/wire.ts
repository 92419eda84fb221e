/** The frames of `/ws/visitor` and `/ws/rtc` as docs/websockets.md gives them. */

export type Author =
  | { is: 'customer' }
  | { is: 'agent'; display?: string }
  | { is: 'automation' }
  | { is: 'centre' };

export interface Choice { value: string; label: string }

export type Notice =
  | { word: 'joined' | 'left'; display: string }
  | { word: 'to_auto' | 'to_human' | 'customer_gone' | 'customer_back' }
  | { word: 'transferred'; to: string }
  | { word: 'closes_soon'; at: number };

export interface FileContent { kind: 'file'; file: string; name: string; mime: string; size: number }

export type Content =
  | { kind: 'text'; text: string; choices?: Choice[] }
  | FileContent
  | ({ kind: 'notice' } & Notice)
  | { kind: 'masked' };

export interface Message { seq: number; id: string; at: number; by: Author; content: Content }

export type Status =
  | { is: 'self_service' | 'ringing' | 'hold' | 'closed' }
  | { is: 'conference'; pictures?: boolean }
  | { is: 'queue'; position: number; estimate_s?: number }
  | { is: 'talk'; display: string; unreachable?: boolean; pictures?: boolean }
  | { is: 'in_ivr'; display: string };

/** Any frame: `type`, the `id` it answers or asks under, and its data. */
export interface Frame { type: string; id?: string; data?: unknown }

/** Who the page says its user is: a `jwt` says it all; an `id` is proved by its `hash`. */
export interface Identity { id?: string; name?: string; hash?: string; jwt?: string }

/** What a customer says: a text, or a file that was uploaded before. */
export type Said = { text: string } | { file: string };

export type ServerFrame =
  | { type: 'ready'; data: { visitor: string; epoch: string | number; session: { id: string; last_seq: number } | null; max_upload?: number } }
  | { type: 'session.opened'; data: { session: string } }
  | { type: 'session.closed'; data: { session: string | null; cause: string } }
  | { type: 'ack'; id: string; data: { seq: number; at: number } }
  | { type: 'nack'; id: string; data: { code: string } }
  | { type: 'message'; data: { session: string; message: Message } }
  | { type: 'replayed'; data: { session: string; up_to: number } }
  | { type: 'typing'; data: { session: string; by: Author } }
  | { type: 'read'; data: { session: string; seq: number } }
  | { type: 'status'; data: { session: string; status: Status } }
  | { type: 'rtc.token'; data: { token: string } }
  | { type: 'error'; data: { code: string; detail?: string } };

export type RtcFrame =
  | { type: 'ready'; data: { epoch: string | number; legs: { leg: string; state: 'calling' | 'up' }[] } }
  | { type: 'leg.created'; data: { leg: string; session?: string } }
  | { type: 'leg.ringing' | 'leg.up'; data: { leg: string } }
  | { type: 'leg.answer'; data: { leg: string; sdp: string } }
  | { type: 'leg.status'; data: { leg: string; session: string; status: Status } }
  | { type: 'leg.bye'; data: { leg: string; cause: string } }
  | { type: 'error'; data: { code: string; detail?: string; leg?: string } };

/** The close codes of every socket. */
export const CLOSE = { bad: 4400, denied: 4401, replaced: 4409, ended: 4410, slow: 4429, stopping: 4503 } as const;

/** The most a text may have in bytes; longer ones the centre refuses. */
export const MAX_TEXT = 8 * 1024;

/** A frame as it came, or nothing if it is not one. Types are told by `type`; unknown ones are ignored by readers. */
export function parse(raw: unknown): Frame | undefined {
  if (typeof raw !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') return undefined;
    const { data } = value as Frame;
    return { ...(value as Frame), data: typeof data === 'object' && data !== null ? data : {} };
  } catch {
    return undefined;
  }
}
