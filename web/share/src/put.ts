/** What each end puts before the other: the models of a tray of files and of suggested addresses, one for each collaboration. */
import type { Collab } from './collab';
import type { FilesState, Link, LinksState, Me, TrayFile } from './wire';

/** The longest address, in bytes. */
export const MAX_URL = 2048;
/** So many files are taken at one go. */
export const MAX_PICKED = 50;
const SENDING_MS = 300_000;

/** Tells whoever draws it that something has changed. */
class Book {
  #listeners = new Set<() => void>();

  subscribe(run: () => void): () => void {
    this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  protected tell(): void {
    for (const run of [...this.#listeners]) run();
  }
}

/** Calls `clear` when this end may no longer see what lies there: it is shown anew when it may. */
function whenHidden(collab: Collab, clear: () => void): void {
  collab.on('consents', ({ view }) => {
    if (!view && collab.state.me !== 'customer') clear();
  });
}

/** A file on its way; `wrong`: the code of why it did not go. */
export interface Sending { name: string; part: number; wrong: string | undefined }

export class FileBook extends Book {
  static #books = new WeakMap<Collab, FileBook>();
  files: TrayFile[] = [];
  sending: Sending[] = [];
  /** The most bytes of one file; none while it is not known. */
  largest: number | undefined;
  #turn: Promise<void> = Promise.resolve();

  static of(collab: Collab): FileBook {
    const book = this.#books.get(collab) ?? new FileBook(collab);
    this.#books.set(collab, book);
    return book;
  }

  private constructor(private readonly collab: Collab) {
    super();
    const ready = (state: unknown): void => {
      const { files, largest } = state as FilesState;
      this.files = files;
      this.largest = largest;
      this.tell();
    };
    if (collab.ready) ready(collab.ready.state);
    collab.on('ready', (r) => ready(r.state));
    collab.on('file', (file) => this.#set([...this.files.filter((f) => f.file !== file.file), file].sort((a, b) => a.n - b.n)));
    collab.on('removed', ({ file }) => this.#set(this.files.filter((f) => f.file !== file)));
    whenHidden(collab, () => this.#set([]));
  }

  /** Sends files, one behind the other. */
  add(files: File[]): void {
    for (const file of files.slice(0, MAX_PICKED)) {
      const item: Sending = { name: file.name, part: 0, wrong: undefined };
      this.sending = [...this.sending, item];
      if (this.largest !== undefined && file.size > this.largest) item.wrong = 'too_large';
      else if (file.size === 0) item.wrong = 'empty';
      else this.#turn = this.#turn.then(() => this.#send(file, item));
    }
    this.tell();
  }

  /** Forgets one that did not go. */
  dismiss(item: Sending): void {
    this.sending = this.sending.filter((s) => s !== item);
    this.tell();
  }

  remove(file: TrayFile): void {
    this.collab.tell('remove', { file: file.file });
  }

  /** The bytes of a file, or the code of why not. */
  async get(file: TrayFile): Promise<Blob | string> {
    try {
      const answer = await fetch(this.#at(`/${encodeURIComponent(file.file)}`), { headers: { authorization: this.#bearer() } });
      if (answer.ok) return await answer.blob();
      return codeOf(await answer.json().catch(() => null));
    } catch {
      return 'offline';
    }
  }

  async #send(file: File, item: Sending): Promise<void> {
    item.wrong = await this.#upload(file, (part) => {
      item.part = part;
      this.tell();
    });
    if (item.wrong === undefined) this.sending = this.sending.filter((s) => s !== item);
    this.tell();
  }

  #upload(file: File, told: (part: number) => void): Promise<string | undefined> {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open('POST', this.#at(`?name=${encodeURIComponent(file.name.slice(0, 255))}`));
      request.setRequestHeader('authorization', this.#bearer());
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.responseType = 'json';
      request.timeout = SENDING_MS;
      request.upload.onprogress = (e) => told(e.lengthComputable ? e.loaded / e.total : 0);
      request.onload = () => done(request.status === 201 ? undefined : codeOf(request.response));
      request.onerror = request.ontimeout = () => done('offline');
      request.send(file);
    });
  }

  #at(rest: string): string {
    return `${this.collab.settings.server}/collab/${encodeURIComponent(this.collab.id)}/files${rest}`;
  }

  #bearer(): string {
    return `Bearer ${this.collab.settings.ticket}`;
  }

  #set(files: TrayFile[]): void {
    this.files = files;
    this.tell();
  }
}

function codeOf(problem: unknown): string {
  const code = (problem as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'failed';
}

export class LinkBook extends Book {
  static #books = new WeakMap<Collab, LinkBook>();
  links: Link[] = [];
  /** Opens an address that this end has agreed to. */
  go: (url: URL) => void = (url) => void window.open(url.href, '_blank', 'noopener');

  static of(collab: Collab): LinkBook {
    const book = this.#books.get(collab) ?? new LinkBook(collab);
    this.#books.set(collab, book);
    return book;
  }

  private constructor(private readonly collab: Collab) {
    super();
    const ready = (state: unknown): void => this.#set((state as LinksState).links);
    if (collab.ready) ready(collab.ready.state);
    collab.on('ready', (r) => ready(r.state));
    collab.on('pushed', (link) => this.#set([...this.links.filter((l) => l.n !== link.n), link].sort((a, b) => a.n - b.n)));
    collab.on('answered', ({ n, taken }) =>
      this.#set(this.links.map((l) => (l.n === n ? { ...l, state: taken ? 'opened' : 'refused' } : l))));
    whenHidden(collab, () => this.#set([]));
  }

  /** The first address that this end has not answered. */
  get waiting(): Link | undefined {
    return this.me === 'viewer' ? undefined : this.links.find((l) => l.state === 'shown' && l.by !== this.me);
  }

  get me(): Me {
    return this.collab.state.me;
  }

  /** Suggests an address; the code of why not. */
  async push(text: string): Promise<string | undefined> {
    const url = addressOf(text);
    if (!url) return 'address';
    const answer = await this.collab.ask('push', { url: url.href });
    return answer.ok || answer.code === 'no_answer' ? undefined : answer.code;
  }

  /** This end opens an address or does not want it; false: the centre could not be told, and nothing is opened. */
  answer(link: Link, taken: boolean): boolean {
    const url = addressOf(link.url);
    if (link.state !== 'opened' && !this.collab.tell('answer', { n: link.n, taken: taken && url !== undefined })) return false;
    if (taken && url) this.go(url);
    return true;
  }

  #set(links: Link[]): void {
    this.links = links;
    this.tell();
  }
}

/** An address of the web as people write it; nothing where it is none, or where it signs in: that would hide its host. */
export function addressOf(text: string): URL | undefined {
  const whole = text.trim();
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(whole) ? whole : `https://${whole}`);
    const web = url.protocol === 'https:' || url.protocol === 'http:';
    return web && url.username === '' && url.password === '' && url.href.length <= MAX_URL ? url : undefined;
  } catch {
    return undefined;
  }
}

/** An address in full, in three parts: what stands before its host, the host, and the rest. */
export function partsOf(url: URL): [string, string, string] {
  return [`${url.protocol}//`, url.host, url.href.slice(url.protocol.length + 2 + url.host.length)];
}
