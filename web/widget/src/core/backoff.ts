/** Pauses between attempts to connect: half as long again each time, from 200 ms to 15 s, each shortened by up to a half at random. */
export class Backoff {
  #tries = 0;

  constructor(private readonly random: () => number = Math.random) {}

  next(): number {
    const full = Math.min(15_000, 200 * 1.5 ** this.#tries);
    this.#tries += 1;
    return full * (1 - this.random() / 2);
  }

  reset(): void {
    this.#tries = 0;
  }
}
