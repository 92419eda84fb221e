// Time on the screen: one tick a second for everybody, and what counts with it.
import { useSyncExternalStore } from "react";
import { clock, dateTime } from "../i18n";
import { serverNow } from "../wire/skew";
import s from "./parts.module.css";

let now = serverNow();
let timer: number | null = null;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) now = serverNow();
  timer ??= window.setInterval(() => {
    now = serverNow();
    for (const l of [...listeners]) l();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      window.clearInterval(timer);
      timer = null;
    }
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** How long since; the time itself on hovering. */
export function Since({ at }: { at: number }) {
  return <time className={s.timer} title={dateTime(at)}>{clock(useNow() - at)}</time>;
}

/** How long until. */
export function Until({ at }: { at: number }) {
  return <time className={s.timer} title={dateTime(at)}>{clock(at - useNow())}</time>;
}

const R = 15;
const ROUND = 2 * Math.PI * R;

/** The seconds that are left of an offer, as a ring and a number. */
export function CountdownRing({ from, until }: { from: number; until: number }) {
  const left = Math.min(until - from, Math.max(0, until - useNow()));
  const share = Math.min(1, left / Math.max(1, until - from));
  return (
    <svg className={s.ring} viewBox="0 0 36 36" aria-hidden="true">
      <circle cx="18" cy="18" r={R} className={s.ringBack} />
      <circle cx="18" cy="18" r={R} className={s.ringLeft} strokeDasharray={`${ROUND * share} ${ROUND}`}
        transform="rotate(-90 18 18)" />
      <text x="18" y="22" textAnchor="middle">{Math.ceil(left / 1000)}</text>
    </svg>
  );
}
