// How far this computer's clock is from the centre's. Whatever the centre stamps is in its past when it
// arrives, so every stamp bounds the difference from above, and the smallest bound is the best.

let skew: number | null = null;

/** Takes a time the centre has stamped at or before now. */
export function observe(at: number): void {
  if (!Number.isFinite(at)) return;
  const bound = Date.now() - at;
  skew = skew === null ? bound : Math.min(skew, bound);
}

/** Forgets what was observed: for a new connection, perhaps after the clock was set. */
export function forget(): void {
  skew = null;
}

/** The centre's time, as well as it is known. */
export const serverNow = (): number => Date.now() - (skew ?? 0);
