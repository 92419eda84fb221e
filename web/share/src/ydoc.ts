/** A Yjs document that both ends change, kept the same over a collaboration's socket. */
import * as Y from 'yjs';
import type { Collab } from './collab';
import type { DocState } from './wire';

/** Changes go out together. */
const BATCH_MS = 40;
/** Where a change comes from: what others did is not ours to undo. */
const THEIRS = Symbol('theirs');

export class SharedDoc {
  static #docs = new WeakMap<Collab, SharedDoc>();
  readonly doc = new Y.Doc();
  #queue: Uint8Array[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  static of(collab: Collab): SharedDoc {
    const known = this.#docs.get(collab);
    if (known) return known;
    const doc = new SharedDoc(collab);
    this.#docs.set(collab, doc);
    return doc;
  }

  private constructor(private readonly collab: Collab) {
    if (collab.ready) this.#begin(collab.ready.state);
    collab.on('ready', (ready) => this.#begin(ready.state));
    collab.on('y', ({ update }) => this.#take(update));
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === THEIRS) return;
      this.#queue.push(update);
      this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
    });
  }

  /** The centre's state, and to it whatever was done here while the connection was away. */
  #begin(state: unknown): void {
    const theirs = (state as DocState | null)?.update;
    const update = theirs === undefined || theirs === '' ? undefined : bytesOf(theirs);
    if (update) Y.applyUpdate(this.doc, update, THEIRS);
    const known = update ? Y.encodeStateVectorFromUpdate(update) : undefined;
    const mine = Y.encodeStateAsUpdate(this.doc, known);
    // An update without anything in it has two bytes.
    if (mine.length > 2) this.#queue = [mine];
    this.#flush();
  }

  #take(update: string): void {
    try {
      Y.applyUpdate(this.doc, bytesOf(update), THEIRS);
    } catch {
      // What is no update changes nothing; the next state of the centre's is whole again.
    }
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#queue.length === 0) return;
    const update = this.#queue.length === 1 ? (this.#queue[0] as Uint8Array) : Y.mergeUpdates(this.#queue);
    this.#queue = [];
    // What cannot be sent now is in the document, and goes out with the next connection.
    this.collab.tell('y', { update: textOf(update) });
  }
}

const CHUNK = 0x8000;

export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
