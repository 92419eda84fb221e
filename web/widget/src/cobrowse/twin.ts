/**
 * What the agent's copy of the page looks like, node by node, so that every change can be told as the difference
 * between it and the page. The recorder's own account of nodes that are moved and removed at once is not to be relied
 * on; its numbers for nodes are.
 */
import { NODE, type Attributes, type Mutation, type RrNode } from '@ngcc/share/rr';
import { BLOCK } from './hide';

export interface Mirror {
  getNode(id: number): Node | null;
  getId(node: Node | null): number;
  getMeta(node: Node | null): RrNode | null;
}

interface Entry { id: number; node: Node; parent: Entry | undefined; shadow: boolean; kids: number[]; shadowKids: number[] }
type Changes = Pick<Mutation, 'adds' | 'removes'>;

/** What stands in these is no part of the copy. */
const LEAVES = 'textarea, script, noscript, template, iframe, frame, object, embed';

export class Twin {
  #entries = new Map<number, Entry>();

  constructor(private readonly mirror: Mirror) {}

  /** The node of a number, as long as the agent has it. */
  getNode(id: number): Node | null {
    return this.#entries.get(id)?.node ?? this.mirror.getNode(id);
  }

  has(id: number): boolean {
    return this.#entries.has(id);
  }

  /** A snapshot: the copy is what it says. */
  reset(root: RrNode): void {
    this.#entries.clear();
    this.#take(root, undefined);
  }

  /** The recorder's account of a change, with what was added and removed told by ourselves. */
  mutation(data: Mutation): Mutation {
    const parents = new Set<number>();
    for (const { parentId } of data.removes) parents.add(parentId);
    for (const { parentId, node } of data.adds) {
      parents.add(parentId);
      const at = this.mirror.getNode(node.id);
      if (at) parents.add(this.#parentId(at));
    }
    const { adds, removes } = this.difference(parents);
    const known = ({ id }: { id: number }) => this.has(id);
    return { ...data, adds, removes, texts: data.texts.filter(known), attributes: data.attributes.filter(known) };
  }

  /** The changes that make the copy the page, below the given nodes; the copy is taken to have them. */
  difference(parents: Iterable<number>): Changes {
    const changes: Changes = { adds: [], removes: [] };
    // From the top: what is added with its parent is whole by then.
    const nodes = [...parents].flatMap((id) => {
      const node = this.#entries.get(id)?.node;
      return node?.isConnected && !isLeaf(node) ? [{ id, depth: depthOf(node) }] : [];
    });
    for (const { id } of nodes.sort((a, b) => a.depth - b.depth)) {
      const entry = this.#entries.get(id);
      if (!entry) continue;
      this.#level(entry, false, changes);
      if (shadowOf(entry.node)) this.#level(entry, true, changes);
    }
    return changes;
  }

  /** Every node below which copy and page differ; nothing if the page has something that the recorder does not know. */
  verify(): number[] | undefined {
    const wrong: number[] = [];
    for (const entry of this.#entries.values()) {
      if (isLeaf(entry.node)) continue;
      for (const shadow of [false, true]) {
        const from = shadow ? shadowOf(entry.node) : entry.node;
        if (!from) continue;
        for (const child of from.childNodes) if (this.mirror.getId(child) === -1 && isTold(child)) return undefined;
        const have = shadow ? entry.shadowKids : entry.kids;
        const want = this.#kids(from);
        if (have.length !== want.length || have.some((id, n) => id !== want[n]?.id)) wrong.push(entry.id);
      }
    }
    return wrong;
  }

  #take(node: RrNode, parent: Entry | undefined): Entry | undefined {
    const real = this.mirror.getNode(node.id);
    if (!real) return undefined;
    const entry: Entry = { id: node.id, node: real, parent, shadow: node['isShadow'] === true, kids: [], shadowKids: [] };
    this.#entries.set(node.id, entry);
    for (const child of isLeaf(real) ? [] : (node.childNodes ?? [])) {
      if (this.#take(child, entry)) (child['isShadow'] === true ? entry.shadowKids : entry.kids).push(child.id);
    }
    return entry;
  }

  /** One row of children: what is before and behind the change stays. */
  #level(parent: Entry, shadow: boolean, changes: Changes): void {
    const from = shadow ? shadowOf(parent.node) : parent.node;
    if (!from) return;
    const have = [...(shadow ? parent.shadowKids : parent.kids)];
    const want = this.#kids(from);
    let head = 0;
    while (head < have.length && head < want.length && have[head] === want[head]?.id) head += 1;
    let tail = 0;
    while (tail < have.length - head && tail < want.length - head && have.at(-1 - tail) === want.at(-1 - tail)?.id) tail += 1;
    for (const id of have.slice(head, have.length - tail)) this.#remove(id, changes);
    this.#addAll(want.slice(head, want.length - tail), parent, shadow, want[want.length - tail]?.id ?? null, head, changes);
  }

  #remove(id: number, changes: Changes): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const { parent, shadow } = entry;
    if (parent) {
      const row = shadow ? parent.shadowKids : parent.kids;
      row.splice(row.indexOf(id), 1);
      changes.removes.push({ parentId: parent.id, id, ...(shadow && { isShadow: true }) });
    }
    this.#forget(entry);
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.id);
    for (const id of [...entry.kids, ...entry.shadowKids]) {
      const kid = this.#entries.get(id);
      if (kid?.parent === entry) this.#forget(kid);
    }
  }

  /** Nodes with all that is in them, parents before children, the last child first: each stands before one that is there. */
  #addAll(nodes: { id: number; node: Node }[], parent: Entry, shadow: boolean, before: number | null, at: number, changes: Changes): void {
    let nextId = before;
    for (const { id, node } of nodes.reverse()) {
      // It may still stand where it was before it moved.
      this.#remove(id, changes);
      const entry: Entry = { id, node, parent, shadow, kids: [], shadowKids: [] };
      this.#entries.set(id, entry);
      (shadow ? parent.shadowKids : parent.kids).splice(at, 0, id);
      changes.adds.push({ parentId: parent.id, nextId, node: { ...this.#told(node), ...(shadow && { isShadow: true }) } });
      nextId = id;
      if (isLeaf(node)) continue;
      this.#addAll(this.#kids(node), entry, false, null, 0, changes);
      const inside = shadowOf(node);
      if (inside) this.#addAll(this.#kids(inside), entry, true, null, 0, changes);
    }
  }

  /** A node's children, of those that the recorder has numbered. */
  #kids(from: Node): { id: number; node: Node }[] {
    return [...from.childNodes].map((node) => ({ id: this.mirror.getId(node), node })).filter(({ id }) => id > 0);
  }

  #parentId(node: Node): number {
    const { parentNode } = node;
    return this.mirror.getId(parentNode instanceof ShadowRoot ? parentNode.host : parentNode);
  }

  /** The node as the recorder numbered it and as it is now. */
  #told(node: Node): RrNode {
    const meta = this.mirror.getMeta(node) as RrNode;
    const told: RrNode = { ...meta, childNodes: [] };
    if (node instanceof Element) return { ...told, attributes: attributesOf(node, meta.attributes ?? {}) };
    if (meta.type === NODE.text && node.parentElement?.tagName !== 'STYLE') told.textContent = node.nodeValue ?? '';
    return told;
  }
}

function depthOf(node: Node): number {
  let depth = 0;
  for (let at: Node | null = node; at; at = at instanceof ShadowRoot ? at.host : at.parentNode) depth += 1;
  return depth;
}

function isLeaf(node: Node): boolean {
  return node instanceof Element && (node.matches(LEAVES) || node.matches(BLOCK));
}

/** Whether a node that the recorder has not numbered is one that it should have. */
function isTold(node: Node): boolean {
  return node.nodeType === Node.ELEMENT_NODE || (node.nodeType === Node.TEXT_NODE && (node.nodeValue ?? '').trim() !== '');
}

function shadowOf(node: Node): ShadowRoot | null {
  return node instanceof Element && !node.matches(BLOCK) ? node.shadowRoot : null;
}

function attributesOf(el: Element, before: Attributes): Attributes {
  if (el.matches(BLOCK)) {
    const { width, height } = el.getBoundingClientRect();
    return { class: el.className, rr_width: `${width}px`, rr_height: `${height}px` };
  }
  // The text of a style is gathered from its rules.
  if (/^(style|link)$/i.test(el.tagName)) return before;
  const now: Attributes = {};
  for (const { name, value } of el.attributes) now[name] = whole(name, value);
  if (el instanceof HTMLInputElement && /^(checkbox|radio)$/.test(el.type)) {
    delete now['checked'];
    if (el.checked) now['checked'] = true;
  } else if (el instanceof HTMLInputElement || el instanceof HTMLTextAreaElement || el instanceof HTMLSelectElement) {
    if (el.value !== '') now['value'] = el.value;
    else delete now['value'];
  }
  if (el.scrollTop > 0) now['rr_scrollTop'] = el.scrollTop;
  if (el.scrollLeft > 0) now['rr_scrollLeft'] = el.scrollLeft;
  return now;
}

/** An address as it is from everywhere. */
function whole(name: string, value: string): string {
  if (!/^(src|href|poster|background)$/i.test(name) || value.startsWith('#') || /^[a-z]+:/i.test(value)) return value;
  try {
    return new URL(value, document.baseURI).href;
  } catch {
    return value;
  }
}
