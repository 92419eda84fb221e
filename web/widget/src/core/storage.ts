/** What the page remembers: one key of localStorage, no cookie. Text that is not yet acknowledged is the only text in it. */
import type { Pending } from './chat';

const KEY = 'ngcc';
const MAX_OUTBOX = 20;

export interface Entry {
  /** The open session, so that the next page connects without a click. */
  session?: string | undefined;
  /** The last message of it that was seen. */
  read?: number;
  outbox?: Pending[] | undefined;
  draft?: string | undefined;
  open?: boolean | undefined;
  /** The call that goes on over pages: its leg, when it was answered, and what the customer chose. */
  call?: { leg: string; since?: number | undefined; muted?: boolean; video?: boolean } | undefined;
}

interface Stored {
  v: 1;
  visitor?: { token: string; until: number } | undefined;
  lang?: string | undefined;
  quiet?: boolean | undefined;
  mic?: string | undefined;
  entries: Record<string, Entry>;
}

function read(): Stored {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof value === 'object' && value !== null && (value as Stored).v === 1 && typeof (value as Stored).entries === 'object') {
      return value as Stored;
    }
  } catch {
    // Storage may be forbidden, or hold what is not ours: both mean that nothing is remembered.
  }
  return { v: 1, entries: {} };
}

function write(stored: Stored): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(stored));
  } catch {
    // Full or forbidden: the chat works, it only does not survive the page.
  }
}

export function entry(name: string): Entry {
  return read().entries[name] ?? {};
}

export function remember(name: string, change: Entry): void {
  const stored = read();
  const next = { ...stored.entries[name], ...change };
  if (next.outbox) next.outbox = next.outbox.slice(-MAX_OUTBOX);
  stored.entries[name] = next;
  write(stored);
}

export function visitor(now: number): string | undefined {
  const v = read().visitor;
  return v && v.until > now ? v.token : undefined;
}

export function rememberVisitor(value: { token: string; until: number } | undefined): void {
  write({ ...read(), visitor: value });
}

export type Choice = 'lang' | 'mic';

export function chosen(what: Choice): string | undefined {
  return read()[what];
}

export function choose(what: Choice, value: string): void {
  write({ ...read(), [what]: value });
}

export function quiet(): boolean {
  return read().quiet ?? false;
}

export function setQuiet(value: boolean): void {
  write({ ...read(), quiet: value });
}

/** Forgets everything: another person uses the page. */
export function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Forbidden storage has nothing to forget.
  }
}
