/** So many attempts come quickly: a centre that starts anew is back within seconds, and a call waits for it. */
const QUICK = 10;

/**
 * Pauses between attempts to connect: half as long again each time, from 200 ms to 1 s while a start may be under way,
 * then doubled up to 15 s; each shortened by up to a half at random.
 */
export class Backoff {
  #tries = 0;

  constructor(private readonly random: () => number = Math.random) {}

  next(): number {
    const n = this.#tries++;
    const full = n < QUICK ? Math.min(1000, 200 * 1.5 ** n) : Math.min(15_000, 1000 * 2 ** Math.min(n - QUICK + 1, 4));
    return full * (1 - this.random() / 2);
  }

  reset(): void {
    this.#tries = 0;
  }
}
