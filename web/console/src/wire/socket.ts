// One WebSocket that stays: it authenticates with a fresh ticket each time, connects again with a growing
// pause, and says what the close codes of docs/websockets.md mean. It knows frames, not what they carry.
import { CLOSE } from "./protocol";

export type Frame = { type: string; id?: string; data?: unknown };

/** Where a link stands; `replaced`, `refused` and `closed` do not connect again by themselves. */
export type LinkState = "connecting" | "up" | "waiting" | "replaced" | "refused" | "closed";

export type Answer =
  | { ok: true; frame: Frame }
  | { ok: false; why: string; lost: boolean };

export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface LinkEnv {
  /** Opens a socket to the link's path. */
  open(): SocketLike;
  /** The first frame's data; it may ask the server for a ticket. A rejection with `signedOut` ends the link. */
  auth(): Promise<unknown>;
  setTimer(run: () => void, ms: number): number;
  clearTimer(timer: number): void;
  /** From 0 to 1; spreads reconnections. */
  random(): number;
}

/** The centre does not know this browser any longer. */
export class SignedOut extends Error {}

const ANSWER_MS = 10_000;
const READY_MS = 8_000;
const MAX_PAUSE_MS = 15_000;
const QUICK_ATTEMPTS = 10;
const MAX_ASKED = 256;

/**
 * The pause before the `attempt`-th reconnection (from 0): from 0.3 s to 1 s while a server that starts anew may
 * be back any moment, then doubled up to 15 s; spread by half.
 */
export function pauseMs(attempt: number, random: number): number {
  const full = attempt < QUICK_ATTEMPTS
    ? Math.min(1000, 300 * 1.5 ** attempt)
    : Math.min(MAX_PAUSE_MS, 1000 * 2 ** Math.min(attempt - QUICK_ATTEMPTS + 1, 4));
  return Math.round(full * (0.5 + random / 2));
}

type Asked = { done: (answer: Answer) => void; timer: number };

export class Link {
  state: LinkState = "closed";
  /** When the next attempt is due, for the connection bar. */
  attempt = 0;
  private socket: SocketLike | null = null;
  private retry: number | null = null;
  private guard: number | null = null;
  private generation = 0;
  private nextId = 1;
  private readonly asked = new Map<string, Asked>();

  constructor(
    private readonly env: LinkEnv,
    private readonly onFrame: (frame: Frame) => void,
    private readonly onState: (state: LinkState) => void,
  ) {}

  /** Connects, whatever was before. */
  start(): void {
    this.drop();
    this.attempt = 0;
    this.connect();
  }

  /** Ends the link for good. */
  stop(): void {
    this.drop();
    this.become("closed");
  }

  /** The network is back, or the page is seen again: no need to wait for the pause to end. */
  nudge(): void {
    if (this.state === "waiting") {
      this.clearRetry();
      this.connect();
    }
  }

  /** Sends without expecting an answer; says whether it could. */
  tell(type: string, data: unknown): boolean {
    if (this.state !== "up" || this.socket === null) return false;
    this.socket.send(JSON.stringify({ type, data }));
    return true;
  }

  /** Sends and waits for the frame with the same id. `lost` says that it may or may not have been done. */
  ask(type: string, data: unknown): Promise<Answer> {
    const socket = this.socket;
    if (this.state !== "up" || socket === null || this.asked.size >= MAX_ASKED) {
      return Promise.resolve({ ok: false, why: "offline", lost: false });
    }
    const id = String(this.nextId++);
    return new Promise((done) => {
      const timer = this.env.setTimer(() => {
        this.asked.delete(id);
        done({ ok: false, why: "no_answer", lost: true });
        // A server that does not answer in ten seconds is not there, whatever TCP believes.
        if (socket === this.socket) socket.close(4000, "no answer");
      }, ANSWER_MS);
      this.asked.set(id, { done, timer });
      socket.send(JSON.stringify({ type, id, data }));
    });
  }

  private connect(): void {
    const generation = ++this.generation;
    this.become("connecting");
    const socket = this.env.open();
    this.socket = socket;
    this.guard = this.env.setTimer(() => socket.close(4000, "not ready in time"), READY_MS);
    socket.onopen = () => {
      this.env.auth().then(
        (data) => {
          if (generation === this.generation) socket.send(JSON.stringify({ type: "auth", data }));
        },
        (error: unknown) => {
          if (generation !== this.generation) return;
          if (error instanceof SignedOut) this.giveUp("refused");
          else socket.close(4000, "no ticket");
        },
      );
    };
    socket.onmessage = (event) => {
      if (generation === this.generation) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (generation === this.generation) this.closed(event.code);
    };
  }

  private receive(data: unknown): void {
    const frame = parseFrame(data);
    if (frame === null) return;
    if (frame.type === "ready" && this.state !== "up") {
      this.clearGuard();
      this.attempt = 0;
      // The frame first: what it brings must be there before anybody acts on the link being up.
      this.onFrame(frame);
      this.become("up");
      return;
    }
    const asked = frame.id === undefined ? undefined : this.asked.get(frame.id);
    if (asked !== undefined && frame.id !== undefined) {
      this.asked.delete(frame.id);
      this.env.clearTimer(asked.timer);
      asked.done(answerOf(frame));
      if (frame.type === "ok" || frame.type === "refused" || frame.type === "error") return;
    }
    this.onFrame(frame);
  }

  private closed(code: number): void {
    this.socket = null;
    this.clearGuard();
    this.failAsked();
    if (code === CLOSE.replaced) return this.become("replaced");
    if (code === CLOSE.notAuthenticated || code === CLOSE.notProtocol) return this.become("refused");
    if (code === CLOSE.ended) return this.become("closed");
    this.become("waiting");
    const pause = code === CLOSE.tooSlow ? 5_000 : pauseMs(this.attempt, this.env.random());
    this.attempt += 1;
    this.retry = this.env.setTimer(() => {
      this.retry = null;
      this.connect();
    }, pause);
  }

  private giveUp(state: LinkState): void {
    this.drop();
    this.become(state);
  }

  private drop(): void {
    this.generation += 1;
    this.clearRetry();
    this.clearGuard();
    this.failAsked();
    this.socket?.close(1000);
    this.socket = null;
  }

  private failAsked(): void {
    for (const { done, timer } of this.asked.values()) {
      this.env.clearTimer(timer);
      done({ ok: false, why: "offline", lost: true });
    }
    this.asked.clear();
  }

  private clearRetry(): void {
    if (this.retry !== null) this.env.clearTimer(this.retry);
    this.retry = null;
  }

  private clearGuard(): void {
    if (this.guard !== null) this.env.clearTimer(this.guard);
    this.guard = null;
  }

  private become(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }
}

function answerOf(frame: Frame): Answer {
  if (frame.type !== "refused" && frame.type !== "error") return { ok: true, frame };
  const data = isRecord(frame.data) ? frame.data : {};
  const why = data["why"] ?? data["detail"] ?? data["code"];
  return { ok: false, why: typeof why === "string" ? why : frame.type, lost: false };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A frame, or null for what is none. */
export function parseFrame(data: unknown): Frame | null {
  if (typeof data !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isRecord(value) || typeof value["type"] !== "string") return null;
  const id = value["id"];
  return { type: value["type"], data: value["data"], ...(typeof id === "string" ? { id } : {}) };
}

/** What a browser gives a link: a socket on our own origin, timers, chance. */
export function browserEnv(path: string, auth: () => Promise<unknown>): LinkEnv {
  return {
    auth,
    open: () => {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(`${scheme}//${location.host}${path}`) as SocketLike;
    },
    setTimer: (run, ms) => window.setTimeout(run, ms),
    clearTimer: (timer) => window.clearTimeout(timer),
    random: () => Math.random(),
  };
}

/** Refused by the server's word; what was lost on the way is sent again after the reconnection. */
export function refusedForGood(answer: Answer): boolean {
  return !answer.ok && !answer.lost && answer.why !== "offline";
}
