/** What of a call outlives its page: the next one takes it up again. */
import * as storage from '../core/storage';
import type { CallState } from './state';

export function kept(entry: string) {
  return storage.entry(entry).call;
}

export function keep(entry: string, { leg, since, muted, camera }: CallState): void {
  if (leg) storage.remember(entry, { call: { leg, since, muted, video: camera } });
}

export function forget(entry: string): void {
  storage.remember(entry, { call: undefined });
}
