/** What an agent does on the page, as if the customer had: only with their consent, and never against their own hand. */
import type { Act, Consents } from '@ngcc/share/wire';
import { BLOCK, isHidden, isSecret } from './hide';

export type Done = 'done' | 'consent' | 'over' | 'refused';
type Entry = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** The customer's own input pauses the agent's for so long. */
const OWN_MS = 1000;
const MAX_VALUE = 20_000;

/** When the customer last did something themselves. */
export class OwnHand {
  #at = -Infinity;
  #scrolled = -Infinity;

  note(what: 'input' | 'scroll', now = Date.now()): void {
    if (what === 'input') this.#at = now;
    else this.#scrolled = now;
  }

  active(what: 'input' | 'scroll', now = Date.now()): boolean {
    return now - (what === 'input' ? this.#at : this.#scrolled) < OWN_MS;
  }

  /** Watches the page until the returned function is called; `ours` is the widget, whose buttons are not the page. */
  watch(ours: Element): () => void {
    const hear = (what: 'input' | 'scroll') => (event: Event) => {
      if (event.isTrusted && !event.composedPath().includes(ours)) this.note(what);
    };
    const input = hear('input');
    const scroll = hear('scroll');
    const inputs = ['keydown', 'pointerdown', 'beforeinput', 'compositionupdate', 'paste'];
    const scrolls = ['wheel', 'touchmove'];
    for (const type of inputs) addEventListener(type, input, true);
    for (const type of scrolls) addEventListener(type, scroll, { capture: true, passive: true });
    return () => {
      for (const type of inputs) removeEventListener(type, input, true);
      for (const type of scrolls) removeEventListener(type, scroll, true);
    };
  }
}

/** Does an act that needs `control`; `node` finds an element by its number. */
export function perform(act: Act, consents: Consents, own: OwnHand, node: (id: number) => Node | null): Done {
  if (!consents.control) return 'consent';
  if (act.is === 'scroll') {
    if (own.active('scroll')) return 'over';
    window.scrollTo(act.x, act.y);
    return 'done';
  }
  if (act.is !== 'click' && act.is !== 'input' && act.is !== 'check') return 'refused';
  const el = node(act.node);
  if (!(el instanceof Element) || !el.isConnected || el.closest(BLOCK)) return 'refused';
  if (own.active('input')) return 'over';
  switch (act.is) {
    case 'click':
      return click(el);
    case 'input':
      return isEntry(el) && !isHidden(el) && enter(el, act.value) ? 'done' : 'refused';
    case 'check':
      return check(el, act.on);
  }
}

export function isEntry(el: Element | Node | null): el is Entry {
  return el instanceof HTMLInputElement || el instanceof HTMLTextAreaElement || el instanceof HTMLSelectElement;
}

/** Whether the agent may propose a value for it: also where it is hidden, but never for a secret. */
export function takesProposal(el: Node | null): el is Entry {
  if (!isEntry(el) || isSecret(el) || el.disabled || el.closest(BLOCK)) return false;
  return !(el instanceof HTMLInputElement) || !/^(checkbox|radio|submit|button|reset|image|file)$/.test(el.type);
}

/** Sets a value so that the page's framework notices: by the prototype's setter, with the events of typing. */
export function enter(el: Entry, value: string): boolean {
  if (el.disabled || ('readOnly' in el && el.readOnly) || value.length > MAX_VALUE) return false;
  const proto = el instanceof HTMLInputElement ? HTMLInputElement.prototype
    : el instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLSelectElement.prototype;
  const chosen = el instanceof HTMLSelectElement ? optionOf(el, value) : value;
  if (chosen === undefined) return false;
  el.focus({ preventScroll: true });
  Object.getOwnPropertyDescriptor(proto, 'value')?.set?.call(el, chosen);
  el.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertReplacementText', data: chosen }));
  el.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}

/** By an option's value or by what it shows. */
function optionOf(select: HTMLSelectElement, value: string): string | undefined {
  const options = [...select.options].filter((o) => !o.disabled);
  return (options.find((o) => o.value === value) ?? options.find((o) => o.text.trim() === value.trim()))?.value;
}

function click(el: Element): Done {
  // A file dialog is the customer's own to open.
  if (el.closest('input[type=file]') || el.closest(':disabled')) return 'refused';
  const box = el.getBoundingClientRect();
  const at = { bubbles: true, cancelable: true, composed: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
  const pointer = typeof PointerEvent === 'undefined' ? undefined : PointerEvent;
  if (pointer) el.dispatchEvent(new pointer('pointerdown', { ...at, pointerType: 'mouse', isPrimary: true }));
  el.dispatchEvent(new MouseEvent('mousedown', at));
  if (el instanceof HTMLElement) el.focus({ preventScroll: true });
  if (pointer) el.dispatchEvent(new pointer('pointerup', { ...at, pointerType: 'mouse', isPrimary: true }));
  el.dispatchEvent(new MouseEvent('mouseup', at));
  if (el instanceof HTMLElement) el.click();
  else el.dispatchEvent(new MouseEvent('click', at));
  return 'done';
}

function check(el: Element, on: boolean): Done {
  if (!(el instanceof HTMLInputElement) || !/^(checkbox|radio)$/.test(el.type) || el.disabled) return 'refused';
  // A click is what the page listens to; a radio is never taken off by one.
  if (el.checked !== on && (on || el.type === 'checkbox')) el.click();
  return 'done';
}
