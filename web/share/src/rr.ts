/** What of rrweb's events both ends look into: its own types name a package that we do not load. */

export const EVENT = { loaded: 0, load: 1, full: 2, incremental: 3, meta: 4, custom: 5, plugin: 6 } as const;
export const SOURCE = {
  mutation: 0, mouseMove: 1, mouse: 2, scroll: 3, resize: 4, input: 5, touchMove: 6, media: 7, rule: 8, canvas: 9, font: 10, log: 11,
  drag: 12, declaration: 13, selection: 14, adopted: 15, customElement: 16,
} as const;
export const NODE = { document: 0, doctype: 1, element: 2, text: 3, cdata: 4, comment: 5 } as const;

export type Value = string | number | boolean | null | Record<string, unknown>;
export type Attributes = Record<string, Value | undefined>;

export interface RrNode {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Attributes;
  childNodes?: RrNode[];
  textContent?: string;
  [more: string]: unknown;
}

export interface Mutation {
  source: number;
  texts: { id: number; value: string | null }[];
  attributes: { id: number; attributes: Attributes }[];
  removes: { parentId: number; id: number }[];
  adds: { parentId: number; nextId: number | null; node: RrNode }[];
  [more: string]: unknown;
}

export interface Input { source: number; id: number; text: string; isChecked: boolean }
export interface Meta { href: string; width: number; height: number }

/** The same data with `change` made to every string in it. */
export function everyString(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((v) => everyString(v, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, everyString(v, change)]));
}
