/** Records the page while it is shared, hides what is to be hidden, and sends the rest in batches. */
import { record } from '@rrweb/record';
import { MAX_FRAME, type RrEvent } from '@ngcc/share/wire';
import { Filter } from './filter';
import { BLOCK, HIDDEN, HIDE, shown } from './hide';

const BATCH_MS = 50;
const MOVE_MS = 40;
const SCROLL_MS = 80;
/** Of a frame's bytes; a character may have three. */
const BATCH_CHARS = MAX_FRAME / 4;

export class Recorder {
  #stop: (() => void) | undefined;
  #queue: RrEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #filter = new Filter(record.mirror);

  constructor(private readonly send: (events: RrEvent[]) => void) {}

  get on(): boolean {
    return this.#stop !== undefined;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = record({
      emit: (event) => this.#emit(event),
      blockSelector: BLOCK,
      maskAllInputs: true,
      maskInputFn: (text, el) => shown(text, el),
      maskTextSelector: HIDE,
      maskTextFn: (text) => (text.trim() === '' ? text : HIDDEN),
      slimDOMOptions: 'all',
      inlineStylesheet: true,
      sampling: { mousemove: MOVE_MS, mousemoveCallback: BATCH_MS, scroll: SCROLL_MS, media: 1000 },
      // The page's own scripts must not see a fault of the recorder's.
      errorHandler: () => true,
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#timer = undefined;
    this.#again = undefined;
    this.#queue = [];
  }

  /** A full snapshot, for an agent who has just come. */
  snap(): void {
    if (!this.#stop) return;
    try {
      record.takeFullSnapshot(true);
    } catch {
      // It has not begun yet: its first event is a snapshot.
    }
  }

  node(id: number): Node | null {
    return record.mirror.getNode(id);
  }

  #emit(raw: RrEvent): void {
    const event = this.#filter.event(raw);
    if (this.#filter.turns(raw)) {
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.snap(), BATCH_MS);
    }
    if (!event) return;
    this.#queue.push(event);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    let batch: RrEvent[] = [];
    let size = 0;
    for (const event of this.#queue.splice(0)) {
      const length = JSON.stringify(event).length;
      if (size > 0 && size + length > BATCH_CHARS) {
        this.send(batch);
        batch = [];
        size = 0;
      }
      batch.push(event);
      size += length;
    }
    if (batch.length > 0) this.send(batch);
  }
}
