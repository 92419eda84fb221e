/** What a shared thing is to the customer's page, and what the page lends it. */
import type { Collab } from '@ngcc/share/collab';
import type { LinkBook } from '@ngcc/share/put';
import type { Kind } from '@ngcc/share/wire';
import type { Lang } from '../i18n';
import type { Cobrowse, Opening, Proposal } from '../cobrowse/main';
import type { Screen } from '../screen/main';

export interface SharingEnv {
  server: string;
  host: HTMLElement;
  shadow: ShadowRoot;
  lang(): Lang;
  /** Puts a frame on the visitor's socket; this tab leads for it. */
  send(type: string, data: object): Promise<void>;
  /** A one-time token for `/ws/rtc`. */
  token(): Promise<string>;
  emit(name: string, detail: object): void;
  /** The page is there for what is shared alone: no address takes its place. */
  stays?: boolean;
  changed(): void;
}

export interface Invitation { collab: string; kind: Kind; ticket: string; by: 'customer' | 'agent'; display?: string }

/** One collaboration as this page takes part in it. */
export interface Share {
  invitation: Invitation;
  collab: Collab;
  cobrowse?: Cobrowse | undefined;
  screen?: Screen | undefined;
  /** Lets another tab of this browser show the screen. */
  release?: (() => void) | undefined;
  loading?: boolean;
  /** Addresses, where that is what is shared. */
  links?: LinkBook;
  /** What draws it is there, where it is no page. */
  drawn?: boolean;
  /** Who had it last. */
  agent?: string;
  minimised: boolean;
  proposals: Proposal[];
  opening: Opening | undefined;
}

export type Code = { is: 'asking' } | { is: 'shown'; code: string; until: number };
