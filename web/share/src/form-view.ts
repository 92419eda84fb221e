/** `<ngcc-form>`: a form that customer and agent fill together, each value at once at both. */
import type { Collab } from './collab';
import { adopt, h, sheetOf } from './dom';
import { FormBook, mayFill, problemOf, problemsOf, type FormModel, type Problem } from './form';
import { sayer, wrong, type Say } from './words';
import type { End, Field, Me } from './wire';
import css from './form.css?inline';

type Entry = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
interface Row { field: Field; row: HTMLElement; entry: Entry | undefined; note: HTMLElement; wrong: HTMLElement }

/** A value goes out at most so often while it is typed. */
const SEND_MS = 150;

let sheet: CSSStyleSheet | undefined;
let count = 0;

export class NgccForm extends HTMLElement {
  #collab: Collab | undefined;
  #book: FormBook | undefined;
  /** The form that is drawn. */
  #built = '';
  #rows = new Map<string, Row>();
  #ends: (() => void)[] = [];
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #say: Say = sayer('en');
  #foot = h('div', { class: 'form-foot' });
  #status = h('p', { class: 'form-status', role: 'status' });

  set collab(collab: Collab) {
    this.#collab = collab;
    if (this.isConnected) this.#begin();
  }

  connectedCallback(): void {
    adopt(this, (sheet ??= sheetOf(css)));
    this.#say = sayer(this.lang || document.documentElement.lang);
    this.#begin();
  }

  disconnectedCallback(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#built = '';
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #begin(): void {
    const collab = this.#collab;
    if (!collab) return;
    for (const end of this.#ends.splice(0)) end();
    const book = FormBook.of(collab);
    this.#book = book;
    this.#ends = [
      book.subscribe((field, by) => (field === undefined ? this.#whole() : this.#show(field, by))),
      collab.subscribe(() => this.#settle()),
    ];
    this.#whole();
  }

  get #model(): FormModel | undefined {
    return this.#book?.model;
  }

  #whole(): void {
    if (!this.#model) return;
    const form = JSON.stringify(this.#model.form);
    if (form !== this.#built) this.#build();
    this.#built = form;
    for (const name of this.#rows.keys()) this.#show(name, undefined);
    this.#notes();
    this.#settle();
  }

  #build(): void {
    const { form } = this.#model as FormModel;
    this.#rows.clear();
    const body = h('form', { novalidate: true, 'aria-label': form.label || form.name });
    body.append(h('h2', {}, form.label || form.name));
    for (const field of form.fields) body.append(this.#row(field));
    body.append(this.#foot);
    body.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#confirm();
    });
    this.replaceChildren(body);
  }

  #row(field: Field): HTMLElement {
    const me = this.#collab?.state.me ?? 'customer';
    const id = `ngcc-field-${++count}`;
    const note = h('small', { id: `${id}-note`, 'aria-live': 'polite' });
    const wrongs = h('small', { id: `${id}-wrong`, class: 'wrong', role: 'alert' });
    const unseen = field.kind === 'secret' && me !== 'customer';
    const entry = unseen ? undefined : this.#entry(field, id, me);
    const label = h('label', entry ? { for: id } : {}, field.label || field.name);
    if (field.required) label.append(' ', h('span', { class: 'must' }, this.#say('form_required')));
    const row = h('div', { class: 'field', 'data-kind': field.kind ?? 'text' }, label, ...(entry ? [entry] : []), note, wrongs);
    this.#rows.set(field.name, { field, row, entry, note, wrong: wrongs });
    return row;
  }

  #entry(field: Field, id: string, me: Me): Entry {
    const common = { id, name: field.name, 'aria-describedby': `${id}-note ${id}-wrong`, ...(field.required && { 'aria-required': 'true' }) };
    const entry = this.#plain(field, common);
    const mine = mayFill(field, me);
    if (!mine && entry instanceof HTMLSelectElement) entry.disabled = true;
    else if (!mine && entry instanceof HTMLInputElement && entry.type === 'checkbox') entry.disabled = true;
    else if (!mine) entry.setAttribute('readonly', '');
    if (!mine) return entry;
    entry.addEventListener('input', () => this.#typed(field, entry));
    entry.addEventListener('change', () => this.#typed(field, entry, true));
    entry.addEventListener('focus', () => this.#collab?.tell('focus', { field: field.name }));
    entry.addEventListener('blur', () => {
      this.#typed(field, entry, true);
      this.#collab?.tell('focus', { field: null });
    });
    return entry;
  }

  #plain(field: Field, common: Record<string, string>): Entry {
    switch (field.kind ?? 'text') {
      case 'lines':
        return h('textarea', { ...common, rows: '3' });
      case 'choice':
        return h('select', common, h('option', { value: '' }, this.#say('form_choose')), ...(field.options ?? []).map((o) => h('option', { value: o }, o)));
      case 'tick':
        return h('input', { ...common, type: 'checkbox' });
      case 'date':
        return h('input', { ...common, type: 'date' });
      case 'secret':
        return h('input', { ...common, type: 'password', autocomplete: 'off' });
      case 'number':
        return h('input', { ...common, inputmode: 'decimal', autocomplete: 'off' });
      default:
        return h('input', { ...common, autocomplete: 'off' });
    }
  }

  /** A value goes out soon after it is typed, and at once when the field is left. */
  #typed(field: Field, entry: Entry, now = false): void {
    const value = valueOf(entry);
    if (this.#known(field) === value && !this.#timers.has(field.name)) return;
    clearTimeout(this.#timers.get(field.name));
    const problem = problemOf(field, value);
    // What is being typed is not wrong before it is finished.
    if (!problem || now) this.#wrong(field.name, problem && this.#say(wrong(problem)));
    const send = () => {
      this.#timers.delete(field.name);
      if (problem || this.#known(field) === value) return;
      this.#book?.sent(field.name, value);
      void this.#collab?.ask('fill', { field: field.name, value }).then((answer) => {
        if (!answer.ok && answer.code !== 'no_answer') this.#wrong(field.name, this.#say(wrong(answer.code)));
      });
    };
    if (now) {
      this.#timers.delete(field.name);
      send();
    } else this.#timers.set(field.name, setTimeout(send, SEND_MS));
  }

  /** The value that both have; an untouched field is empty, an untouched tick is not set. */
  #known(field: Field): string {
    return this.#model?.values[field.name] ?? (field.kind === 'tick' ? 'false' : '');
  }

  async #confirm(): Promise<void> {
    if (!this.#model || !this.#collab) return;
    for (const { field, entry } of this.#rows.values()) if (entry && mayFill(field, 'customer')) this.#typed(field, entry, true);
    const problems: Record<string, Problem> = problemsOf(this.#model);
    // What stands in a field and was not sent is wrong too.
    for (const { field, entry } of this.#rows.values()) {
      const problem = entry && problemOf(field, valueOf(entry));
      if (problem) problems[field.name] = problem;
    }
    for (const name of this.#rows.keys()) this.#wrong(name, problems[name] && this.#say(wrong(problems[name] ?? '')));
    const first = [...this.#rows.values()].find(({ field }) => problems[field.name]);
    if (first) return first.entry?.focus();
    const answer = await this.#collab.ask('confirm', {});
    if (!answer.ok && answer.code !== 'no_answer') this.#status.textContent = this.#say(wrong(answer.code));
  }

  #wrong(name: string, text: string | undefined): void {
    const row = this.#rows.get(name);
    if (!row) return;
    row.wrong.textContent = text ?? '';
    if (text) row.entry?.setAttribute('aria-invalid', 'true');
    else row.entry?.removeAttribute('aria-invalid');
  }

  /** Shows a value as it is at both; what is typed here at this moment is not taken away. */
  #show(name: string, by: End | undefined): void {
    const row = this.#rows.get(name);
    if (!row || !this.#model) return;
    const { entry } = row;
    if (!entry) return this.#notes();
    const value = this.#model.values[name] ?? '';
    const mine = by === this.#collab?.state.me || this.#timers.has(name);
    if (mine || valueOf(entry) === value) return;
    if (entry instanceof HTMLInputElement && entry.type === 'checkbox') entry.checked = value === 'true';
    else entry.value = value;
    this.#wrong(name, undefined);
  }

  #notes(): void {
    const { state } = this.#collab as Collab;
    const other = state.people[this.#model?.their ?? 'customer'].name;
    for (const { field, row, note } of this.#rows.values()) {
      const here = this.#model?.theirs === field.name;
      row.toggleAttribute('data-theirs', here);
      if (here) note.textContent = this.#say('form_filling', { name: other });
      else if (field.kind === 'secret') {
        const filled = this.#model?.filled[field.name] === true;
        note.textContent = this.#say(state.me === 'customer' ? 'form_secret_hint' : filled ? 'form_secret_filled' : 'form_secret_empty');
      } else if (state.me !== 'viewer' && !mayFill(field, state.me)) note.textContent = this.#say(state.me === 'agent' ? 'form_theirs_customer' : 'form_theirs_agent');
      else note.textContent = '';
    }
  }

  #settle(): void {
    const { state } = this.#collab as Collab;
    const confirmed = this.#model?.confirmed === true;
    this.toggleAttribute('data-confirmed', confirmed);
    this.querySelector('form')?.toggleAttribute('inert', confirmed || state.link !== 'up');
    this.#status.textContent = this.#say(confirmed ? 'form_confirmed' : state.me === 'customer' ? 'form_confirm_hint' : 'form_wait');
    const offers = state.me === 'customer' && !confirmed;
    const button = this.#foot.querySelector('button') ?? h('button', { type: 'submit', class: 'confirm' }, this.#say('form_confirm'));
    this.#foot.replaceChildren(this.#status, ...(offers ? [button] : []));
  }
}

function valueOf(entry: Entry): string {
  if (entry instanceof HTMLInputElement && entry.type === 'checkbox') return String(entry.checked);
  return entry instanceof HTMLTextAreaElement ? entry.value : entry.value.trim();
}

if (!customElements.get('ngcc-form')) customElements.define('ngcc-form', NgccForm);
