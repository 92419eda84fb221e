/** Measures a call while it lasts: the microphone's level four times a second, the connection's quality once. */
import type { Peer } from './peer';
import { bars, counts, type Counts } from './quality';
import type { CallState } from './state';

const LEVEL_MS = 250;
const LEVELS_A_COUNT = 4;

export class Meter {
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;
  #last: { peer: Peer; counts: Counts } | undefined;

  constructor(
    private readonly peer: () => Peer | undefined,
    private readonly told: (change: Partial<CallState>) => void,
  ) {}

  start(): void {
    this.stop();
    this.#timer = setInterval(() => void this.#measure(), LEVEL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#last = undefined;
  }

  async #measure(): Promise<void> {
    const peer = this.peer();
    if (!peer) return;
    const level = Math.round((await peer.level()) * 100) / 100;
    if (peer !== this.peer()) return;
    this.told({ level });
    this.#ticks += 1;
    if (this.#ticks % LEVELS_A_COUNT !== 0) return;
    const now = counts((await peer.pc.getStats()).values() as Iterable<Record<string, unknown>>);
    if (peer !== this.peer()) return;
    if (this.#last?.peer === peer) this.told({ bars: bars(this.#last.counts, now) });
    this.#last = { peer, counts: now };
  }
}
