// What goes over the wire, as docs/websockets.md and the `seat`, `im` and `supervise` vocabularies write it.
// Types only: nothing here does anything.

import type { Form, Kind } from "@ngcc/share/wire";

/** Milliseconds since 1970 (UTC). */
export type Wall = number;
export type Vars = Record<string, string>;
export type Medium = "voice" | "video" | "chat";
export type Permission =
  | "serve" | "message" | "see_board" | "force" | "read_history" | "recordings" | "configure" | "read_audit";

export type Device = "browser" | { phone: string };

export type Availability =
  | { is: "logged_out" }
  | { is: "ready"; since: Wall }
  | { is: "not_ready"; reason: string; since: Wall };

export type Slot =
  | { is: "free" }
  | { is: "reserved"; reservation: string; session: string }
  | { is: "alerting"; reservation: string; session: string; leg: string }
  | { is: "talking" | "held" | "consulting" | "in_ivr"; session: string; leg: string }
  | { is: "wrap_up"; session: string; until: Wall };

export type To = { is: "queue" | "agent" | "flow" | "number"; name: string };

export type Author =
  | { is: "customer" }
  | { is: "agent"; agent: string; display: string }
  | { is: "automation" }
  | { is: "centre" };

export type Choice = { value: string; label: string };

export type Notice =
  | { word: "joined"; display: string }
  | { word: "left"; display: string }
  | { word: "to_auto" }
  | { word: "to_human" }
  | { word: "transferred"; to: string }
  | { word: "customer_gone" }
  | { word: "customer_back" }
  | { word: "closes_soon"; at: Wall };

export type FileContent = { kind: "file"; file: string; name: string; mime: string; size: number };
export type Content =
  | { kind: "text"; text: string; choices?: Choice[] }
  | FileContent
  | ({ kind: "notice" } & Notice)
  | { kind: "masked" };

export type Message = {
  seq: number;
  id: string;
  at: Wall;
  by: Author;
  content: Content;
  private?: boolean;
};

export type Standing =
  | { is: "alerting" }
  | { is: "dialling" }
  | { is: "talk" }
  | { is: "hold" }
  | { is: "consult"; with: string; answered: boolean; swapped: boolean }
  | { is: "conference" }
  | { is: "in_ivr"; flow: string; step: [string, string] | null; listen: boolean }
  | { is: "wrap_up"; until: Wall };

export type CustomerPresence = { is: "here" } | { is: "gone"; since: Wall } | { is: "left" };

export type Party = { leg: string; part: "user" | "agent" | "second" | "supervisor"; name: string; up: boolean };

/** Something that customer and agent share. */
export type Shared = { collab: string; kind: Kind; by: unknown; customer: boolean; agent: boolean; shows?: boolean; until?: Wall };

export type Contact = {
  session: string;
  medium: Medium;
  user: string;
  display: string | null;
  dialled: string;
  queue: string | null;
  since: Wall;
  joined: Wall | null;
  standing: Standing;
  customer: CustomerPresence;
  /** Whether the customer shows themselves; not every server says it. */
  pictures?: boolean;
  path: string[];
  vars: Vars;
  parties: Party[];
  leg: string | null;
  last_seq: number;
  disposition: string | null;
  shared?: Shared[];
  /** It is of what is shared alone: the conversation is a colleague's, and no word of ours comes to the customer. */
  alone?: boolean;
  /** The customer's other contact at the same time: the call out of this chat, or the chat of this call. */
  beside?: string | null;
  /** On a messaging channel only. */
  delivery?: Delivery;
};

/** How far what is written to a customer on a messaging channel has come, and how much more the channel takes. */
export type Delivery = {
  /** Every message up to this number is with the channel's provider or was refused by it; those behind it wait. */
  up_to: number;
  refused?: number[];
  /** `sends` is 0 while nothing goes out before the customer writes again, and missing where nobody counts. */
  window?: { sends?: number; until: Wall };
  /** The provider takes nothing at present and is tried again. */
  stuck?: boolean;
};

export type SeatState = {
  availability: Availability;
  pending?: Availability;
  device: Device;
  voice: Slot;
  chats: Slot[];
  chat_capacity: number;
};

export type DeclineReason = "busy" | "wrong_skill" | "technical";
/** Who declined an offer last, and why. */
export type Declined = { by: string; reason: DeclineReason };

export type Offer = {
  reservation: string;
  session: string;
  medium: Medium;
  user: string;
  display: string | null;
  queue: string | null;
  waited_ms: number;
  path: string[];
  /** What they come to share, or share already. */
  shared?: Kind[];
  declined?: Declined;
  at: Wall;
  until: Wall;
};

export type Nack = "closed" | "unknown" | "bad" | "too_many" | "forbidden";

export type Told =
  | ({ type: "state" } & SeatState)
  | ({ type: "offered" } & Offer)
  | { type: "rescinded"; reservation: string; cause: string }
  | { type: "returned"; session: string; outcome: Vars }
  | { type: "contact"; contact: Contact }
  | { type: "gone"; session: string }
  | { type: "message"; session: string; message: Message }
  | { type: "accepted"; session: string; key: string; seq: number; at: Wall }
  | { type: "not_accepted"; session: string; key: string; why: Nack }
  | { type: "replay"; session: string; messages: Message[]; more: boolean }
  | { type: "not_replayed"; session: string }
  | { type: "typing"; session: string; by: Author }
  | { type: "read"; session: string; seq: number }
  | ({ type: "invited" } & Invited)
  | ({ type: "link" } & JoinLink)
  | { type: "collab_ended"; session: string | null; collab: string; why: string };

/** What opens something shared for this agent. */
export type Invited = { session: string; collab: string; kind: Kind; ticket: string; me?: "agent" | "viewer" };

/** What stands behind `/join/` in a link that brings one customer's browser into a session. */
export type JoinLink = { session: string; kind: Kind; token: string; until: Wall };

export type Verb =
  | { type: "sign_in"; device: Device }
  | { type: "sign_out" | "ready" | "end_wrap_up" | "take_back" | "hang_up" | "look" | "complete_transfer"
      | "cancel_consult" | "swap" | "merge" | "typing" }
  | { type: "not_ready"; reason: string }
  | { type: "accept"; reservation: string }
  | { type: "decline"; reservation: string; reason?: DeclineReason }
  | { type: "hold" | "listen"; on: boolean }
  | { type: "to_auto"; flow: string | null; args: Vars }
  | { type: "dial"; to: string }
  | { type: "transfer" | "consult"; to: To }
  | { type: "drop"; leg: string }
  | { type: "say"; key: string; content: Content; private: boolean }
  | { type: "read"; seq: number }
  | { type: "resume"; after: number }
  | { type: "dispose"; code: string; note: string | null }
  | { type: "collaborate"; kind: Kind; code?: string; user?: string; form?: string }
  | { type: "make_link"; kind: Kind; form?: string }
  | { type: "write_to"; user: string }
  | { type: "hand_over_share"; collab: string; to: To }
  | { type: "end_collab"; collab: string };

export type Quote = { session: string; customer: string; lines: [string, string][] };

/** A file that colleagues send each other. */
export type ImFile = { file: string; name: string; mime: string; size: number };

/** What a member does to a group. */
export type ImChange =
  | { to: "made"; name: string; members: string[] }
  | { to: "renamed"; name: string }
  | { to: "added" | "removed"; who: string[] }
  | { to: "left" };

/** `to` is a colleague (`agent:bob`) or a group (`grp_…`); `n` is its number in the conversation. */
export type ImMessage = { id: string; n: number; from: string; to: string; at: Wall } & (
  | { is: "said"; text: string; quote?: Quote; file?: ImFile; names?: string[] }
  | { is: "changed"; change: ImChange });

export type ImMember = { agent: string; read: number };

/** A conversation in one's list. */
export type ImListed = {
  with: string; name?: string; member: boolean; read: number; unread: number; named: boolean; last: ImMessage;
};

export type ImPart = { is: "newest" } | { is: "before" | "after" | "around"; n: number };

export type ImConversation = {
  type: "conversation"; agent: string; with: string; name: string | null; members: ImMember[];
  /** Newest first. */
  messages: ImMessage[];
  older: boolean; newer: boolean;
};

export type ImSend = {
  type: "send"; to: string; key: string; text: string; quote?: Quote | null; file?: ImFile; names?: string[];
};

export type ImCommand =
  | ImSend
  | { type: "make"; key: string; name: string; members: string[] }
  | { type: "change"; group: string; key: string; change: Exclude<ImChange, { to: "made" }> }
  | { type: "got"; seq: number }
  | { type: "read"; with: string; n: number }
  | { type: "look"; with: string; at: ImPart; limit: number }
  | { type: "list" }
  | { type: "search"; words: string; before: number | null; limit: number }
  | { type: "typing"; with: string };

export type ImEvent =
  | { type: "stored"; from: string; key: string; message: ImMessage }
  | { type: "refused"; from: string; key: string; why: string }
  | { type: "message"; agent: string; seq: number; message: ImMessage }
  | ImConversation
  | { type: "conversations"; agent: string; list: ImListed[] }
  | { type: "found"; agent: string; hits: ImMessage[]; next: number | null }
  | { type: "read"; agent: string; with: string; by: string; n: number }
  | { type: "typing"; agent: string; with: string; by: string };

export type Colleague = { agent: string; display: string; device: Device };
export type FlowInfo = { name: string; media: Medium[]; callable_by_agent: boolean };
export type CannedReply = { name: string; text: string };
export type Disposition = { name: string; label: string };
export type Config = {
  queues: string[];
  flows: FlowInfo[];
  canned: CannedReply[];
  dispositions: Disposition[];
  forms: Form[];
  people: Colleague[];
};

export type Present = {
  agent: string;
  display: string;
  availability: Availability;
  busy: boolean;
  /** Whether a console of theirs is connected; not every server says it. */
  here?: boolean;
  /** Since when it is so, where the server knows. */
  since?: Wall;
};

export type Me = {
  user: string;
  display: string;
  roles: string[];
  permissions: Permission[];
};

export type AgentReady = Me & { epoch: string | number; config: Config; presence: Present[] };

export type QueueRow = { name: string; waiting: number; longest_ms: number; free: number; signed_in: number };
export type SeatRow = SeatState & { seat: string; agent: string; display: string; since: Wall };
export type WaitingRow = {
  session: string; user: string; display: string | null; medium: Medium; queue: string; since: Wall;
  declined?: Declined;
};
/** Something that a customer and an agent share at this moment; `viewers` look on. */
export type SharedRow = {
  session: string; collab: string; kind: Kind; user: string; display: string | null; agent: string; viewers: number; shows?: boolean;
};
export type Board = { queues: QueueRow[]; seats: SeatRow[]; waiting: WaitingRow[]; sessions: number; shared: SharedRow[] };

/** A closed session as the history lists it. */
export type ClosedSession = {
  id: string;
  user: string;
  dialled: string;
  opened: Wall;
  total_ms: number;
  self_service_ms: number;
  queue_ms: number;
  ring_ms: number;
  talk_ms: number;
  hold_ms: number;
  in_ivr_ms: number;
  wrap_up_ms: number;
  agent: string | null;
  queue: string | null;
  cause: string;
  medium?: Medium | null;
  disposition?: string | null;
  display?: string | null;
};

export type RtcLeg = { leg: string; state: "calling" | "up" };

/** Frames of `/ws/rtc` that the server sends. */
export type RtcTold =
  | { type: "ready"; epoch: string | number; legs: RtcLeg[] }
  | { type: "leg.summon"; leg: string; video: boolean; ring_s: number }
  | { type: "leg.created"; leg: string; session?: string }
  | { type: "leg.ringing" | "leg.up"; leg: string }
  | { type: "leg.answer"; leg: string; sdp: string }
  | { type: "leg.bye"; leg: string; cause: string }
  | { type: "error"; code: string; detail: string; leg?: string };

/** Why a socket was closed, where the number says it. */
export const CLOSE = {
  notProtocol: 4400,
  notAuthenticated: 4401,
  replaced: 4409,
  ended: 4410,
  tooSlow: 4429,
  stopping: 4503,
} as const;
