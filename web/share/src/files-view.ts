/** `<ngcc-files>`: a tray that customer and agent put files into. */
import type { Collab } from './collab';
import { adopt, h, sheetOf } from './dom';
import { FileBook, type Sending } from './put';
import { codeWord, sayer, type Say } from './put-words';
import type { TrayFile } from './wire';
import css from './put.css?inline';

let sheet: CSSStyleSheet | undefined;

export class NgccFiles extends HTMLElement {
  #collab: Collab | undefined;
  #book: FileBook | undefined;
  #say: Say = sayer('en');
  #ends: (() => void)[] = [];
  #head = h('div', { class: 'put-head' });
  #pick = h('input', { type: 'file', multiple: true, hidden: true });
  #list = h('ul', { class: 'put-list' });
  #going = h('ul', { class: 'put-list', 'aria-live': 'polite' });
  #hint = h('p', { class: 'put-hint' });
  #wrong = h('p', { class: 'put-wrong', role: 'alert' });

  set collab(collab: Collab) {
    this.#collab = collab;
    if (this.isConnected) this.#begin();
  }

  connectedCallback(): void {
    adopt(this, (sheet ??= sheetOf(css)));
    this.#say = sayer(this.#lang);
    this.#build();
    this.#begin();
  }

  disconnectedCallback(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  get #lang(): string {
    return this.lang || document.documentElement.lang;
  }

  /** Who looks on takes files and puts none here. */
  get #looks(): boolean {
    return this.#collab?.state.me === 'viewer';
  }

  #begin(): void {
    if (!this.#collab) return;
    for (const end of this.#ends.splice(0)) end();
    this.#book = FileBook.of(this.#collab);
    this.#ends = [this.#book.subscribe(() => this.#draw()), this.#collab.subscribe(() => this.#draw())];
    this.#draw();
  }

  #build(): void {
    const add = h('button', { type: 'button', class: 'put-main' }, this.#say('files_add'));
    add.onclick = () => this.#pick.click();
    this.#pick.onchange = () => {
      this.#book?.add([...(this.#pick.files ?? [])]);
      this.#pick.value = '';
    };
    this.#list.setAttribute('aria-label', this.#say('files'));
    this.#going.setAttribute('aria-label', this.#say('files_going'));
    this.#head.replaceChildren(add, this.#pick, this.#hint);
    this.replaceChildren(this.#head, this.#wrong, this.#going, this.#list);
    this.ondragover = (e) => {
      if (this.#looks || !e.dataTransfer?.types.includes('Files')) return;
      e.preventDefault();
      this.dataset['drop'] = '';
    };
    this.ondragleave = (e) => {
      if (!this.contains(e.relatedTarget as Node | null)) delete this.dataset['drop'];
    };
    this.ondrop = (e) => {
      e.preventDefault();
      delete this.dataset['drop'];
      this.#book?.add([...(e.dataTransfer?.files ?? [])]);
    };
  }

  #draw(): void {
    const book = this.#book;
    if (!book) return;
    this.#head.hidden = this.#looks;
    const limit = book.largest === undefined ? '' : this.#say('files_largest', { size: sizeOf(book.largest, this.#lang) });
    this.#hint.textContent = `${this.#say('files_drop')} ${limit}`;
    // A button that has the focus keeps it while other rows come and go.
    const focus = (this.getRootNode() as Document | ShadowRoot).activeElement?.getAttribute('data-key');
    this.#list.replaceChildren(...book.files.map((file) => this.#row(file)));
    if (book.files.length === 0) this.#list.append(h('li', { class: 'put-hint' }, this.#say('files_none')));
    this.#going.replaceChildren(...book.sending.map((item) => this.#sendingRow(item)));
    if (focus) this.#list.querySelector<HTMLElement>(`[data-key="${CSS.escape(focus)}"]`)?.focus();
  }

  #row(file: TrayFile): HTMLElement {
    const mine = file.by === this.#collab?.state.me;
    const by = mine ? this.#say('put_me') : (this.#collab?.state.people[file.by].name || this.#say('put_other'));
    const get = h('button', { type: 'button', 'data-key': `get ${file.file}`, 'aria-label': this.#say('files_get_of', { name: file.name }) }, this.#say('files_get'));
    get.onclick = () => void this.#get(file);
    const row = h('li', { 'data-file': file.file },
      h('span', { class: 'put-what' }, h('b', {}, file.name), h('small', {}, `${sizeOf(file.size, this.#lang)} · ${by}`)), get);
    if (mine) {
      const remove = h('button', { type: 'button', 'data-key': `remove ${file.file}`, 'aria-label': this.#say('files_remove_of', { name: file.name }) }, this.#say('files_remove'));
      remove.onclick = () => this.#book?.remove(file);
      row.append(remove);
    }
    return row;
  }

  #sendingRow(item: Sending): HTMLElement {
    if (item.wrong === undefined) {
      const bar = h('progress', { max: '1', value: String(item.part), 'aria-label': this.#say('files_sending', { name: item.name }) });
      return h('li', {}, h('span', { class: 'put-what' }, h('b', {}, item.name)), bar);
    }
    const close = h('button', { type: 'button', 'aria-label': this.#say('put_close_of', { name: item.name }) }, '×');
    close.onclick = () => this.#book?.dismiss(item);
    const why = h('small', { class: 'put-wrong', role: 'alert' }, this.#say(codeWord(item.wrong)));
    return h('li', {}, h('span', { class: 'put-what' }, h('b', {}, item.name), why), close);
  }

  async #get(file: TrayFile): Promise<void> {
    const bytes = await this.#book?.get(file);
    if (bytes === undefined) return;
    this.#wrong.textContent = typeof bytes === 'string' ? this.#say(codeWord(bytes)) : '';
    if (typeof bytes === 'string') return;
    const url = URL.createObjectURL(bytes);
    h('a', { href: url, download: file.name }).click();
    // The browser has begun to save it by then.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

/** `1.5 MB`, as the language writes it. */
export function sizeOf(bytes: number, lang: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)));
  const unit = units[step] ?? 'byte';
  return new Intl.NumberFormat(lang || 'en', { style: 'unit', unit, maximumFractionDigits: step > 1 ? 1 : 0 }).format(bytes / 1024 ** step);
}

if (!customElements.get('ngcc-files')) customElements.define('ngcc-files', NgccFiles);
