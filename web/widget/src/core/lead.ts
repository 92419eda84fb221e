/**
 * Which tab holds the connection: the one with the lock. The others wait for it (a closed tab gives it up by itself)
 * and show what the leader tells; a tab in which the customer acts takes it over.
 *
 * Web Locks exist in secure contexts only. Without them every tab leads, and the centre's rule of one page at a time
 * (close code 4409) decides.
 */

export interface Locks {
  request(name: string, options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal }, run: (lock: unknown) => Promise<void>): Promise<unknown>;
}

export type Role = 'waiting' | 'leader';

export class Lead {
  role: Role = 'waiting';
  #release: (() => void) | undefined;
  #queued: AbortController | undefined;
  #stopped = false;
  /** Whether it leads as soon as it can, or only when it asks. */
  #waits = false;
  /** Counts what was got: a lock that was lost to a later one of our own is no loss. */
  #turn = 0;

  constructor(
    private readonly name: string,
    private readonly locks: Locks | undefined,
    private readonly changed: (role: Role) => void,
  ) {}

  /** Leads as soon as no other tab does. */
  start(): void {
    this.#stopped = false;
    this.#waits = true;
    if (!this.locks) return this.#become('leader');
    this.#wait();
  }

  /** Leads if no other tab does right now; tells whether. */
  async tryNow(): Promise<boolean> {
    const locks = this.locks;
    if (this.role === 'leader') return true;
    if (!locks) {
      this.#become('leader');
      return true;
    }
    return new Promise((tell) => {
      this.#hold(locks, { ifAvailable: true }, (got) => tell(got));
    });
  }

  /** Leads now; the tab that led is told by losing the lock. */
  take(): void {
    if (this.role === 'leader' || this.#stopped) return;
    if (!this.locks) return this.#become('leader');
    this.#queued?.abort();
    this.#hold(this.locks, { steal: true });
  }

  /** Gives the lock back; another tab may have it, and this one may ask again. */
  release(): void {
    this.#queued?.abort();
    this.#release?.();
    this.#release = undefined;
    this.role = 'waiting';
  }

  stop(): void {
    this.#stopped = true;
    this.release();
  }

  #wait(): void {
    if (!this.locks || this.#stopped) return;
    this.#queued = new AbortController();
    this.#hold(this.locks, { signal: this.#queued.signal });
  }

  #hold(locks: Locks, options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal }, got?: (yes: boolean) => void): void {
    let held = 0;
    locks
      .request(this.name, options, (lock) => {
        got?.(lock !== null);
        if (lock === null || this.#stopped) return Promise.resolve();
        held = ++this.#turn;
        this.#become('leader');
        return new Promise<void>((release) => (this.#release = release));
      })
      .catch(() => {
        // Either the wait was given up for a take-over, or another tab took the lock.
        if (held === 0 || held !== this.#turn || this.#stopped) return;
        this.#become('waiting');
        if (this.#waits) this.#wait();
      });
  }

  #become(role: Role): void {
    if (this.role === role) return;
    this.role = role;
    this.changed(role);
  }
}

/** The browser's locks, where there are any. */
export function browserLocks(): Locks | undefined {
  return typeof navigator !== 'undefined' && 'locks' in navigator ? (navigator.locks as unknown as Locks) : undefined;
}
