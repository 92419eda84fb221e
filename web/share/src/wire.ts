/** `/ws/collab/<collab>` as docs/websockets.md gives it. Types only. */

export type Kind = 'cobrowse' | 'form' | 'whiteboard' | 'document' | 'file' | 'url' | 'screen';
export type End = 'customer' | 'agent';
/** What a page is: one of the two ends, or somebody who looks on. */
export type Me = End | 'viewer';
/** What a customer consents to. */
export type What = 'view' | 'pointer' | 'control';
export type Consents = Record<What, boolean>;

/** Why a collaboration was refused or has ended. */
export type Why =
  | 'left' | 'closed' | 'declined' | 'unknown_user' | 'expired' | 'identity' | 'unsupported' | 'no_agent' | 'too_many'
  | 'forbidden' | 'unavailable' | 'handed_over';

export interface Person { name: string; here: boolean }
export type People = Record<End, Person> & { viewers?: Person[] };

export type FieldKind = 'text' | 'lines' | 'number' | 'date' | 'choice' | 'tick' | 'secret';
export interface Field {
  name: string;
  label?: string;
  kind?: FieldKind;
  options?: string[];
  required?: boolean;
  by?: 'both' | 'customer' | 'agent';
}
export interface Form { name: string; label?: string; fields: Field[] }

export interface FormState { form: Form; values: Record<string, unknown>; confirmed: boolean }
export interface DocState { update: string }

/** A file in the tray; `n` is its place in the order in which they came. */
export interface TrayFile { n: number; file: string; name: string; mime: string; size: number; by: End }
export interface FilesState { files: TrayFile[]; largest: number }
/** An address that one end suggests to the other. */
export interface Link { n: number; url: string; by: End; state: 'shown' | 'opened' | 'refused' }
export interface LinksState { links: Link[] }

/** What the agent does on the customer's page. x and y are CSS pixels of the document; `node` is rrweb's id. */
export type Act =
  | { is: 'pointer'; x: number; y: number }
  | { is: 'stroke'; points: [number, number][] }
  | { is: 'clear' }
  | { is: 'click'; node: number }
  | { is: 'input'; node: number; value: string }
  | { is: 'check'; node: number; on: boolean }
  | { is: 'scroll'; x: number; y: number }
  | { is: 'propose'; node: number; value: string }
  | { is: 'open'; url: string };

/** An event as rrweb makes it; what is in `data` depends on `type`. */
export interface RrEvent { type: number; data: unknown; timestamp: number; delay?: number }

export interface Ready {
  collab: string;
  kind: Kind;
  session: string;
  me: Me;
  by: End;
  people: People;
  consents: Consents;
  paused: boolean;
  /** Where the session is over: how long this goes on, at the most. */
  until?: number | null;
  /** Whether what the agent is shown is recorded. */
  recorded: boolean;
  state: unknown;
}

/** Frames that the server sends, by type. */
export interface Told {
  ready: Ready;
  people: People;
  consents: Consents;
  asked: { what: What; by?: string };
  paused: { on: boolean };
  goes_on: { until: number };
  snap: object;
  rr: { events: RrEvent[] };
  act: { n: number; act: Act; by?: string };
  acted: { n: number };
  /** To a proposal or `open` by `act`, to an address by `n`. */
  answered: { act?: number; n?: number; taken: boolean; by?: End };
  over: { node: number };
  filled: { field: string; value?: unknown; filled?: boolean; by: End };
  focus: { field: string | null; by: End };
  confirmed: object;
  y: { update: string };
  aware: { state: unknown; by?: string };
  pushed: Link;
  file: TrayFile;
  removed: { file: string };
  ended: { why: Why };
  error: { code: string; detail?: string };
}

/** The most bytes of a frame. */
export const MAX_FRAME = 2 * 1024 * 1024;
export const CLOSE = { bad: 4400, denied: 4401, replaced: 4409, over: 4410, slow: 4429, stopping: 4503 } as const;
