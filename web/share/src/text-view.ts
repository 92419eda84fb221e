/** `<ngcc-text>`: a plain text that customer and agent write at the same time. */
import type * as Y from 'yjs';
import type { Collab } from './collab';
import { adopt, h, sheetOf } from './dom';
import { sayer } from './words';
import { SharedDoc } from './ydoc';
import css from './text.css?inline';

/** One change that turns `before` into `after`: `gone` letters at `at` are replaced by `put`. */
export interface Change { at: number; gone: number; put: string }

let sheet: CSSStyleSheet | undefined;
const MAX_TEXT = 200_000;

export class NgccText extends HTMLElement {
  #collab: Collab | undefined;
  #area = h('textarea', { spellcheck: 'false', maxlength: String(MAX_TEXT) });
  #text: Y.Text | undefined;
  /** The text that the area stood for when it was last the same as the document's. */
  #base = '';
  #ends: (() => void)[] = [];
  #composing = false;

  set collab(collab: Collab) {
    this.#collab = collab;
    if (this.isConnected) this.#begin();
  }

  constructor() {
    super();
    this.#area.addEventListener('compositionstart', () => (this.#composing = true));
    this.#area.addEventListener('compositionend', () => {
      this.#composing = false;
      this.#write();
      this.#read();
    });
  }

  connectedCallback(): void {
    adopt(this, (sheet ??= sheetOf(css)));
    const say = sayer(this.lang || document.documentElement.lang);
    this.#area.setAttribute('aria-label', say('text'));
    this.#area.placeholder = say('text_hint');
    this.replaceChildren(this.#area);
    this.#area.oninput = () => this.#write();
    this.#begin();
  }

  disconnectedCallback(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  #begin(): void {
    if (!this.#collab) return;
    for (const end of this.#ends.splice(0)) end();
    this.#area.readOnly = this.#collab.state.me === 'viewer';
    const text = SharedDoc.of(this.#collab).doc.getText('text');
    this.#text = text;
    const read = (event: Y.YTextEvent) => {
      if (event.transaction.origin !== this) this.#read();
    };
    text.observe(read);
    this.#ends = [() => text.unobserve(read)];
    this.#read();
  }

  /** What is written here goes into the text as the one change that it is. */
  #write(): void {
    const text = this.#text;
    // An input method changes its mind until it is done.
    if (!text || this.#composing) return;
    const mine = changeOf(this.#base, this.#area.value, this.#area.selectionStart);
    if (!mine) return;
    // While an input method was busy the other may have written.
    const change = behind(mine, changeOf(this.#base, text.toString(), undefined));
    this.#base = this.#area.value;
    text.doc?.transact(() => {
      if (change.gone > 0) text.delete(change.at, change.gone);
      if (change.put !== '') text.insert(change.at, change.put);
    }, this);
  }

  /** What the other wrote is shown, and the caret stays where it was in the text. */
  #read(): void {
    const text = this.#text?.toString() ?? '';
    const { value, selectionStart, selectionEnd } = this.#area;
    if (this.#composing) return;
    this.#base = text;
    if (value === text) return;
    const change = changeOf(value, text, undefined);
    this.#area.value = text;
    if (!change) return;
    const moved = (at: number) => (at <= change.at ? at : Math.max(change.at, at + change.put.length - change.gone));
    this.#area.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  }
}

/** `caret` is where a change made by hand ends: of equal letters, those before it are the new ones. */
export function changeOf(before: string, after: string, caret: number | undefined): Change | undefined {
  if (before === after) return undefined;
  const most = Math.min(before.length, after.length);
  let end = 0;
  const limit = caret === undefined ? most : Math.min(most, after.length - caret);
  while (end < limit && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  let at = 0;
  while (at < most - end && before[at] === after[at]) at += 1;
  // Never between the two halves of a letter.
  if (isLow(before.charCodeAt(at)) || isLow(after.charCodeAt(at))) at = Math.max(0, at - 1);
  if (isLow(before.charCodeAt(before.length - end)) || isLow(after.charCodeAt(after.length - end))) end = Math.max(0, end - 1);
  return { at, gone: Math.max(0, before.length - end - at), put: after.slice(at, Math.max(at, after.length - end)) };
}

/** A change as it is made after another one of the same text. */
export function behind(change: Change, other: Change | undefined): Change {
  if (!other || change.at + change.gone <= other.at) return change;
  const by = other.put.length - other.gone;
  if (change.at >= other.at + other.gone) return { ...change, at: change.at + by };
  // Both changed the same letters: what the other wrote stays, and ours follows it.
  return { at: other.at + other.put.length, gone: Math.max(0, change.at + change.gone - other.at - other.gone), put: change.put };
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

if (!customElements.get('ngcc-text')) customElements.define('ngcc-text', NgccText);
