/** Records the page while it is shared, hides what is to be hidden, and sends the rest in batches. */
import { record } from '@rrweb/record';
import { EVENT, SOURCE, type Mutation, type RrNode } from '@ngcc/share/rr';
import { MAX_FRAME, type RrEvent } from '@ngcc/share/wire';
import { Filter } from './filter';
import { BLOCK, HIDDEN, HIDE, shown } from './hide';
import { Twin } from './twin';

const BATCH_MS = 50;
const MOVE_MS = 40;
const SCROLL_MS = 80;
/** The page is compared with what was told of it when it has been quiet for so long, or busy for so long. */
const QUIET_MS = 300;
const BUSY_MS = 3000;
/** Of a frame's bytes; a character may have three. */
const BATCH_CHARS = MAX_FRAME / 4;

export class Recorder {
  #stop: (() => void) | undefined;
  #queue: RrEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #check: ReturnType<typeof setTimeout> | undefined;
  #checked = 0;
  #twin = new Twin(record.mirror);
  #filter = new Filter(this.#twin);

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
    clearTimeout(this.#check);
    this.#timer = undefined;
    this.#again = undefined;
    this.#check = undefined;
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
    return this.#twin.has(id) ? this.#twin.getNode(id) : null;
  }

  #emit(raw: RrEvent): void {
    if (raw.type === EVENT.full) this.#twin.reset((raw.data as { node: RrNode }).node);
    const { source } = raw.data as { source?: number };
    if (raw.type !== EVENT.incremental || source !== SOURCE.mutation) return this.#queued(raw);
    this.#checkSoon();
    const data = this.#twin.mutation(raw.data as Mutation);
    if (data.adds.length + data.removes.length + data.texts.length + data.attributes.length > 0) this.#queued({ ...raw, data });
  }

  #checkSoon(): void {
    if (this.#check === undefined) this.#checked = Date.now();
    else if (Date.now() - this.#checked > BUSY_MS) return;
    clearTimeout(this.#check);
    this.#check = setTimeout(() => this.#compare(), QUIET_MS);
  }

  /** What the recorder has missed is told now. */
  #compare(): void {
    this.#check = undefined;
    const wrong = this.#twin.verify();
    if (wrong === undefined) return this.snap();
    if (wrong.length === 0) return;
    const data = { source: SOURCE.mutation, texts: [], attributes: [], ...this.#twin.difference(wrong) };
    this.#queued({ type: EVENT.incremental, data, timestamp: Date.now() });
  }

  #queued(raw: RrEvent): void {
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
