/** `<ngcc-links>`: addresses that customer and agent suggest to each other. Nothing opens by itself. */
import type { Collab } from './collab';
import { adopt, h, sheetOf } from './dom';
import { LinkBook, MAX_URL, addressOf, partsOf } from './put';
import { codeWord, sayer, type Say } from './put-words';
import type { Link } from './wire';
import css from './put.css?inline';

let sheet: CSSStyleSheet | undefined;
let count = 0;

export class NgccLinks extends HTMLElement {
  #collab: Collab | undefined;
  #book: LinkBook | undefined;
  #say: Say = sayer('en');
  #ends: (() => void)[] = [];
  #form = h('form', { class: 'put-head', novalidate: true });
  #entry = h('input', { type: 'url', maxlength: String(MAX_URL), autocomplete: 'off', inputmode: 'url' });
  #wrong = h('p', { class: 'put-wrong', role: 'alert' });
  #list = h('ol', { class: 'put-list', reversed: true, 'aria-live': 'polite' });

  set collab(collab: Collab) {
    this.#collab = collab;
    if (this.isConnected) this.#begin();
  }

  connectedCallback(): void {
    adopt(this, (sheet ??= sheetOf(css)));
    this.#say = sayer(this.lang || document.documentElement.lang);
    this.#build();
    this.#begin();
  }

  disconnectedCallback(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #begin(): void {
    if (!this.#collab) return;
    for (const end of this.#ends.splice(0)) end();
    this.#book = LinkBook.of(this.#collab);
    this.#ends = [this.#book.subscribe(() => this.#draw()), this.#collab.subscribe(() => this.#draw())];
    this.#draw();
  }

  #build(): void {
    const id = `ngcc-links-${++count}`;
    this.#entry.id = id;
    this.#wrong.id = `${id}-wrong`;
    this.#entry.setAttribute('aria-describedby', this.#wrong.id);
    this.#list.setAttribute('aria-label', this.#say('links'));
    this.#form.replaceChildren(h('label', { for: id }, this.#say('links_url')), this.#entry, h('button', { type: 'submit', class: 'put-main' }, this.#say('links_send')));
    this.#form.onsubmit = (e) => {
      e.preventDefault();
      void this.#send();
    };
    this.replaceChildren(this.#form, this.#wrong, this.#list);
  }

  async #send(): Promise<void> {
    const text = this.#entry.value;
    if (text.trim() === '') return this.#entry.focus();
    const why = await this.#book?.push(text);
    this.#wrong.textContent = why === undefined ? '' : this.#say(codeWord(why));
    if (why === undefined) {
      this.#entry.removeAttribute('aria-invalid');
      this.#entry.value = '';
    } else this.#entry.setAttribute('aria-invalid', 'true');
  }

  #draw(): void {
    const links = this.#book?.links ?? [];
    // Who looks on suggests nothing.
    this.#form.hidden = this.#book?.me === 'viewer';
    // The newest is what it is about.
    this.#list.replaceChildren(...links.map((link) => this.#row(link)).reverse());
    if (links.length === 0) this.#list.append(h('li', { class: 'put-hint' }, this.#say('links_none')));
  }

  #row(link: Link): HTMLElement {
    const mine = link.by === this.#book?.me;
    const by = mine ? this.#say('put_me') : (this.#collab?.state.people[link.by].name || this.#say('put_other'));
    const row = h('li', { 'data-n': String(link.n), 'data-state': link.state },
      h('span', { class: 'put-what' }, h('span', {}, ...shown(link.url)), h('small', {}, `${by} · ${this.#say(`links_${link.state}`)}`)));
    if (mine || this.#book?.me === 'viewer') return row;
    const answer = (taken: boolean) => () => {
      const told = this.#book?.answer(link, taken) ?? false;
      this.#wrong.textContent = told ? '' : this.#say('put_offline');
    };
    const open = h('button', { type: 'button', 'aria-label': this.#say('links_open_of', { url: link.url }) }, this.#say('links_open'));
    open.onclick = answer(true);
    row.append(open);
    if (link.state === 'shown') {
      const no = h('button', { type: 'button', 'aria-label': this.#say('links_no_of', { url: link.url }) }, this.#say('links_no'));
      no.onclick = answer(false);
      row.append(no);
    }
    return row;
  }
}

/** The address in full, its host set off: what else stands in it may be made to look like one. */
function shown(text: string): (Node | string)[] {
  const url = addressOf(text);
  if (!url) return [text];
  const [before, host, after] = partsOf(url);
  return [before, h('b', {}, host), after];
}

if (!customElements.get('ngcc-links')) customElements.define('ngcc-links', NgccLinks);
