/** What of a page the agent must not see, decided element by element; the centre decides the same once more. */

/** Inputs show their value only inside this. */
export const SHOW = '[data-ngcc-show]';
/** Texts are hidden inside this. */
export const HIDE = '[data-ngcc-mask]';
/** Not even the shape of these is sent; frames of other pages are theirs to share. */
export const BLOCK = 'ngcc-widget, iframe, frame, object, embed, [data-ngcc-block]';
/** The same for every value, so that its length tells nothing. */
export const HIDDEN = '•••';

const NEVER = /(^|\s)(cc-|current-password|new-password|one-time-code)/i;
/** Kinds of input that take no such text: theirs is empty. */
const SHAPED = ['date', 'datetime-local', 'month', 'week', 'time', 'number', 'range', 'color'];

/** Whether no markup of the page can make it seen. */
export function isSecret(el: Element): boolean {
  const type = (el.getAttribute('type') ?? '').toLowerCase();
  // A password whose text the page shows for a while is one all the same.
  if (type === 'password' || type === 'hidden' || type === 'file' || el.hasAttribute('data-rr-is-password')) return true;
  return NEVER.test(el.getAttribute('autocomplete') ?? '');
}

/** Whether the value of an input, select or text area is hidden. */
export function isHidden(el: Element): boolean {
  return isSecret(el) || el.closest(SHOW) === null || el.closest(HIDE) !== null;
}

/** What is sent of an input's value. */
export function shown(value: string, el: Element | null): string {
  if (value === '') return '';
  if (el !== null && !isHidden(el)) return withoutCards(value);
  return el !== null && SHAPED.includes((el.getAttribute('type') ?? '').toLowerCase()) ? '' : HIDDEN;
}

/** Digits in groups, as cards are printed and typed; full-width ones too. */
const RUN = /[0-9０-９](?:[ \u00a0-]?[0-9０-９]){12,}/g;
const GROUP = /[0-9０-９]+/g;
const MIN_CARD = 13;
const MAX_CARD = 19;

/** The text with every card number's digits replaced. */
export function withoutCards(text: string): string {
  // Most texts have no thirteen digits: they are not looked at again.
  if (!/[0-9０-９]/.test(text)) return text;
  return text.replace(RUN, cutRun);
}

/** A card may stand among other groups of digits: every row of whole groups is tried. */
function cutRun(run: string): string {
  const groups = [...run.matchAll(GROUP)].map((m) => ({ at: m.index, text: narrow(m[0]) }));
  let out = run;
  for (let from = 0; from < groups.length; from++) {
    let digits = '';
    for (let to = from; to < groups.length && digits.length <= MAX_CARD; to++) {
      digits += groups[to]?.text ?? '';
      if (digits.length < MIN_CARD || digits.length > MAX_CARD || !isCard(digits)) continue;
      const begin = groups[from]?.at ?? 0;
      const last = groups[to];
      const end = (last?.at ?? 0) + (last?.text.length ?? 0);
      out = out.slice(0, begin) + out.slice(begin, end).replace(/[0-9０-９]/g, '*') + out.slice(end);
    }
  }
  return out;
}

function narrow(digits: string): string {
  return digits.replace(/[０-９]/g, (d) => String.fromCharCode(d.charCodeAt(0) - 0xfee0));
}

/** ISO/IEC 7812-1 annex B (Luhn), of the industries that issue cards. */
function isCard(digits: string): boolean {
  if (!/^[2-6]/.test(digits)) return false;
  let sum = 0;
  for (let n = 0; n < digits.length; n++) {
    const d = digits.charCodeAt(digits.length - 1 - n) - 48;
    const twice = n % 2 === 1 ? d * 2 : d;
    sum += twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 === 0;
}
