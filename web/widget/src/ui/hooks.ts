import { useEffect, useState } from 'preact/hooks';

/** The time, renewed every `ms` while `on`. */
export function useNow(ms: number, on: boolean): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    if (!on) return;
    set(Date.now());
    const timer = setInterval(() => set(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms, on]);
  return now;
}

/** `value`, but changing at most every `ms`: for what is read aloud. */
export function useCalm<T>(value: T, ms: number): T {
  const [calm, set] = useState({ value, at: 0 });
  useEffect(() => {
    if (Object.is(value, calm.value)) return;
    const wait = Math.max(0, calm.at + ms - Date.now());
    const timer = setTimeout(() => set({ value, at: Date.now() }), wait);
    return () => clearTimeout(timer);
  }, [value, calm, ms]);
  return calm.value;
}
