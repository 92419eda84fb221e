// One small store: a state, a pure reducer, subscribers. React reads it by `useSyncExternalStore`.
import { useSyncExternalStore } from "react";

export class Store<S, A> {
  private readonly listeners = new Set<() => void>();

  constructor(private state: S, private readonly reduce: (state: S, action: A) => S) {}

  readonly get = (): S => this.state;

  readonly dispatch = (action: A): void => {
    const next = this.reduce(this.state, action);
    if (next === this.state) return;
    this.state = next;
    for (const listener of [...this.listeners]) listener();
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** A part of a store's state; `pick` must give the same object for the same state. */
export function useStore<S, A, T>(store: Store<S, A>, pick: (state: S) => T): T {
  return useSyncExternalStore(store.subscribe, () => pick(store.get()));
}
