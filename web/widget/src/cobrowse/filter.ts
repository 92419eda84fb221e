/** Every event passes here before it leaves the page: what the recorder lets through and the agent must not see is cut. */
import { ADDRESSES, ADDRESS_LISTS, address, addressList, styleText } from '@ngcc/share/address';
import { EVENT, NODE, SOURCE, everyString, type Attributes, type Input, type Meta, type Mutation, type RrNode, type Value } from '@ngcc/share/rr';
import type { RrEvent } from '@ngcc/share/wire';
import { HIDDEN, HIDE, isHidden, isSecret, shown, withoutCards } from './hide';

/** The recorder's record of which node has which number. */
export interface Nodes { getNode(id: number): Node | null }

const INPUTS = ['input', 'textarea', 'select'];
/** Attributes that hold no words. */
const SHAPE = /^(class|id|d|points|viewbox|transform|width|height|rr_.*|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry)$/i;
/** Words that stand in attributes: hidden with the text around them. */
const WORDS = /^(title|alt|label|placeholder|value|aria-(label|description|valuetext|valuenow|roledescription|placeholder)|data-.*)$/i;
/** Changes that may hide what was seen before: the agent's copy must be made anew. */
const TURNS = ['data-ngcc-mask', 'data-ngcc-show', 'data-ngcc-block', 'type', 'autocomplete'];

export class Filter {
  constructor(private readonly nodes: Nodes) {}

  /** What is sent of an event; nothing of those that the agent has no use for. */
  event(event: RrEvent): RrEvent | undefined {
    switch (event.type) {
      case EVENT.meta: {
        const meta = event.data as Meta;
        return { ...event, data: { ...meta, href: address(meta.href) } };
      }
      case EVENT.full: {
        const data = event.data as { node: RrNode };
        return { ...event, data: { ...data, node: this.#node(data.node, null) } };
      }
      case EVENT.incremental: {
        const data = this.#incremental(event.data as { source: number });
        return data && { ...event, data };
      }
      case EVENT.loaded:
      case EVENT.load:
        return { ...event, data: {} };
      default:
        return undefined;
    }
  }

  /** Whether the event changes what is to be hidden, so that a new snapshot is due. */
  turns(event: RrEvent): boolean {
    if (event.type !== EVENT.incremental) return false;
    const data = event.data as Mutation;
    return data.source === SOURCE.mutation && data.attributes.some(({ attributes }) => TURNS.some((name) => name in attributes));
  }

  #incremental(data: { source: number }): object | undefined {
    switch (data.source) {
      case SOURCE.mutation:
        return this.#mutation(data as Mutation);
      case SOURCE.input:
        return this.#input(data as Input);
      case SOURCE.mouseMove:
      case SOURCE.touchMove:
      case SOURCE.drag: {
        // Over the widget itself the pointer is on nothing that the agent has.
        const positions = (data as unknown as { positions: { id: number }[] }).positions.filter((p) => p.id > 0);
        return positions.length > 0 ? { ...data, positions } : undefined;
      }
      case SOURCE.mouse:
      case SOURCE.scroll:
      case SOURCE.media:
        return (data as { id?: number }).id !== undefined && ((data as { id?: number }).id ?? -1) > 0 ? data : undefined;
      case SOURCE.resize:
        return data;
      case SOURCE.rule:
      case SOURCE.declaration:
      case SOURCE.adopted:
        return everyString(data, styleText) as object;
      default:
        return undefined;
    }
  }

  #mutation(data: Mutation): Mutation {
    return {
      ...data,
      texts: data.texts.flatMap(({ id, value }) => {
        const parent = this.nodes.getNode(id)?.parentElement ?? null;
        if (parent?.tagName === 'TEXTAREA') return [];
        return [{ id, value: value === null ? null : this.#text(value, parent) }];
      }),
      attributes: data.attributes.map(({ id, attributes }) => {
        const el = this.#element(id);
        return { id, attributes: this.#attributes(el, el?.tagName.toLowerCase() ?? '', attributes) };
      }),
      adds: data.adds.map((add) => ({ ...add, node: this.#node(add.node, this.#element(add.parentId)) })),
    };
  }

  #input(data: Input): Input | undefined {
    const el = this.#element(data.id);
    if (el === null) return undefined;
    const ticks = isTick(el);
    if (isSecret(el) && el.getAttribute('type')?.toLowerCase() === 'hidden') return undefined;
    if (isHidden(el)) return ticks ? undefined : { ...data, text: shown(data.text, el), isChecked: false };
    return { ...data, text: withoutCards(data.text) };
  }

  #node(node: RrNode, parent: Element | null): RrNode {
    switch (node.type) {
      case NODE.text:
        return { ...node, textContent: this.#text(node.textContent ?? '', this.nodes.getNode(node.id)?.parentElement ?? parent) };
      case NODE.cdata:
      case NODE.comment:
        return { ...node, textContent: '' };
      case NODE.element: {
        const el = this.#element(node.id);
        const tag = (node.tagName ?? '').toLowerCase();
        const attributes = this.#attributes(el, tag, node.attributes ?? {});
        if (tag === 'option' && el !== null && isChosen(el)) attributes['selected'] = true;
        // The text of a text area is its value's default, and a script's is no page.
        const bare = tag === 'textarea' || tag === 'script' || tag === 'template' || tag === 'noscript';
        return { ...node, attributes, childNodes: bare ? [] : this.#children(node, el) };
      }
      default:
        return node.childNodes ? { ...node, childNodes: this.#children(node, null) } : node;
    }
  }

  #children(node: RrNode, el: Element | null): RrNode[] {
    return (node.childNodes ?? []).map((child) => this.#node(child, el));
  }

  #text(text: string, parent: Element | null): string {
    const tag = parent?.tagName.toLowerCase();
    if (tag === 'style') return styleText(text);
    if (text.trim() === '') return text;
    return parent?.closest(HIDE) ? HIDDEN : withoutCards(text);
  }

  #attributes(el: Element | null, tag: string, from: Attributes): Attributes {
    const to: Attributes = {};
    for (const [name, value] of Object.entries(from)) {
      const kept = value === undefined ? undefined : this.#attribute(el, tag, name.toLowerCase(), value);
      if (kept !== undefined) to[name] = kept;
    }
    return to;
  }

  #attribute(el: Element | null, tag: string, name: string, value: Value): Value | undefined {
    if (value === null) return null;
    if (name.startsWith('on') || name === 'srcdoc' || name === 'nonce' || name === 'integrity') return undefined;
    if (tag === 'meta' && name === 'content') return undefined;
    if (typeof value === 'object') return everyString(value, styleText) as Value;
    if (INPUTS.includes(tag)) {
      // What is not known to be shown is hidden.
      const hidden = el === null || isHidden(el);
      if (name === 'checked') return hidden ? undefined : value;
      if (name === 'value' && (el?.getAttribute('type') ?? '').toLowerCase() === 'hidden') return undefined;
      if (name === 'value') return shown(String(value), el);
      if (name === 'placeholder' && hidden) return undefined;
    }
    if (tag === 'option' && name === 'selected') return el !== null && isChosen(el) ? value : undefined;
    if (typeof value !== 'string') return value;
    if (name === 'style' || name === '_csstext') return styleText(value);
    if (ADDRESSES.has(name)) return localReference(tag, value) ? value : address(value);
    if (ADDRESS_LISTS.has(name)) return addressList(value);
    if (SHAPE.test(name)) return value;
    if (WORDS.test(name) && el?.closest(HIDE)) return HIDDEN;
    return withoutCards(value);
  }

  #element(id: number): Element | null {
    const node = this.nodes.getNode(id);
    return node instanceof Element ? node : null;
  }
}

function isTick(el: Element): boolean {
  return /^(checkbox|radio)$/i.test(el.getAttribute('type') ?? '');
}

/** Whether an option is chosen in a select that is shown; the recorder names no choice at all. */
function isChosen(option: Element): boolean {
  const select = option.closest('select');
  return option instanceof HTMLOptionElement && option.selected && select !== null && !isHidden(select);
}

/** A drawing's reference to a part of the same page is no address. */
function localReference(tag: string, value: string): boolean {
  return value.startsWith('#') && tag !== 'a' && tag !== 'area' && tag !== 'form';
}
