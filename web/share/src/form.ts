/** What a form takes and from whom: the centre decides the same; here it is said before anything is sent. */
import type { Collab } from './collab';
import type { End, Me, Field, Form, FormState, Told } from './wire';

export type Problem = 'missing' | 'number' | 'date' | 'choice' | 'too_long';

/** The most bytes that a field takes. */
export const MAX_VALUE = 4096;

/** A secret is always the customer's. */
export function mayFill(field: Field, end: Me): boolean {
  if (end === 'viewer') return false;
  if (field.kind === 'secret') return end === 'customer';
  const by = field.by ?? 'both';
  return by === 'both' || by === end;
}

/** What is wrong with a value; an empty one is only ever missing, and only where the form is to be confirmed. */
export function problemOf(field: Field, value: string): Problem | undefined {
  if (value === '') return undefined;
  if (new TextEncoder().encode(value).length > MAX_VALUE) return 'too_long';
  switch (field.kind ?? 'text') {
    case 'number':
      return /^[+-]?\d+(\.\d+)?$/.test(value) ? undefined : 'number';
    case 'date':
      return isDay(value) ? undefined : 'date';
    case 'choice':
      return (field.options ?? []).includes(value) ? undefined : 'choice';
    case 'tick':
      return value === 'true' || value === 'false' ? undefined : 'choice';
    default:
      return undefined;
  }
}

/** Whether it is a day of the calendar. */
function isDay(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return false;
  const [y, m, d] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const day = new Date(Date.UTC(y, m - 1, d));
  return y > 0 && day.getUTCFullYear() === y && day.getUTCMonth() === m - 1 && day.getUTCDate() === d;
}

export interface FormModel {
  form: Form;
  values: Record<string, string>;
  /** Secret fields that are filled, where the value itself is not told. */
  filled: Record<string, boolean>;
  /** Where the other end is. */
  theirs: string | undefined;
  /** Which end it is. */
  their: End | undefined;
  confirmed: boolean;
}

export function modelOf(state: FormState): FormModel {
  const values: Record<string, string> = {};
  const filled: Record<string, boolean> = {};
  for (const field of state.form.fields) {
    const value = state.values?.[field.name];
    if (typeof value === 'object' && value !== null) filled[field.name] = (value as { filled?: unknown }).filled === true;
    else if (field.kind === 'secret' && typeof value === 'boolean') filled[field.name] = value;
    else if (value !== undefined && value !== null) values[field.name] = String(value);
  }
  return { form: state.form, values, filled, theirs: undefined, their: undefined, confirmed: state.confirmed };
}

/** What a `filled` makes of it. */
export function filledIn(model: FormModel, told: Told['filled']): FormModel {
  if (told.value === undefined) return { ...model, filled: { ...model.filled, [told.field]: told.filled === true } };
  return { ...model, values: { ...model.values, [told.field]: String(told.value ?? '') } };
}

/** Why it cannot be confirmed yet, by field. */
export function problemsOf(model: FormModel): Record<string, Problem> {
  const found: Record<string, Problem> = {};
  for (const field of model.form.fields) {
    const value = model.values[field.name] ?? '';
    const empty = field.kind === 'tick' ? value !== 'true' : value === '';
    const problem = field.required === true && empty ? 'missing' : problemOf(field, value);
    if (problem) found[field.name] = problem;
  }
  return found;
}

/** The form of one collaboration, kept up to date whether it is drawn at the moment or not. */
export class FormBook {
  static #books = new WeakMap<Collab, FormBook>();
  model: FormModel | undefined;
  #listeners = new Set<(field: string | undefined, by: End | undefined) => void>();

  static of(collab: Collab): FormBook {
    const known = this.#books.get(collab);
    if (known) return known;
    const book = new FormBook(collab);
    this.#books.set(collab, book);
    return book;
  }

  private constructor(collab: Collab) {
    const ready = (state: unknown): void => {
      this.model = modelOf(state as FormState);
      this.#tell(undefined, undefined);
    };
    if (collab.ready) ready(collab.ready.state);
    collab.on('ready', (r) => ready(r.state));
    collab.on('filled', (told) => {
      if (!this.model) return;
      this.model = filledIn(this.model, told);
      this.#tell(told.field, told.by);
    });
    collab.on('focus', ({ field, by }) => {
      if (!this.model || by === collab.state.me) return;
      this.model = { ...this.model, theirs: field ?? undefined, their: by };
      this.#tell(undefined, undefined);
    });
    collab.on('confirmed', () => {
      if (this.model) this.model = { ...this.model, confirmed: true };
      this.#tell(undefined, undefined);
    });
  }

  /** What was sent and not yet told back. */
  sent(field: string, value: string): void {
    if (this.model) this.model = { ...this.model, values: { ...this.model.values, [field]: value } };
  }

  /** `field` names what was filled; none stands for everything. */
  subscribe(run: (field: string | undefined, by: End | undefined) => void): () => void {
    this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  #tell(field: string | undefined, by: End | undefined): void {
    for (const run of [...this.#listeners]) run(field, by);
  }
}
