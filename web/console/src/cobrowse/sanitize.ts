// What a customer's page may put into the copy that the agent sees: elements and texts, never anything that loads
// from elsewhere, runs, or goes away by itself. The customer's page is not ours: its events are not trusted.
import { ADDRESSES, ADDRESS_LISTS } from "@ngcc/share/address";
import { EVENT, NODE, SOURCE, everyString, type Attributes, type Mutation, type RrNode, type Value } from "@ngcc/share/rr";
import type { RrEvent } from "@ngcc/share/wire";

/** Of these only their place is kept. */
const EMPTY = new Set(["script", "noscript", "template", "base", "iframe", "frame", "object", "embed", "portal", "applet"]);
const NOTHING = "ngcc-none";
const LINKS = new Set(["a", "area"]);
const DROPPED = new Set(["srcdoc", "ping", "nonce", "integrity", "autofocus", "http-equiv", "target", "formaction", "action", "is"]);
const SOURCES = new Set<number>([
  SOURCE.mutation, SOURCE.mouseMove, SOURCE.mouse, SOURCE.scroll, SOURCE.resize, SOURCE.input, SOURCE.touchMove, SOURCE.rule,
  SOURCE.drag, SOURCE.declaration, SOURCE.adopted,
]);

/** The event as it may be shown, or null for one that is not. */
export function sanitize(event: RrEvent, own: string): RrEvent | null {
  switch (event.type) {
    case EVENT.meta:
      return event;
    case EVENT.full: {
      const data = event.data as { node: RrNode };
      return { ...event, data: { ...data, node: cleanNode(data.node, own) } };
    }
    case EVENT.incremental: {
      const data = event.data as { source: number };
      if (!SOURCES.has(data.source)) return null;
      return { ...event, data: data.source === SOURCE.mutation ? cleanMutation(data as Mutation, own) : styled(data, own) };
    }
    default:
      return null;
  }
}

function styled(data: { source: number }, own: string): unknown {
  const isStyle = data.source === SOURCE.rule || data.source === SOURCE.declaration || data.source === SOURCE.adopted;
  return isStyle ? everyString(data, (text) => cleanStyle(text, own)) : data;
}

function cleanMutation(data: Mutation, own: string): Mutation {
  return {
    ...data,
    // A text may stand in a style; elsewhere there are no addresses that a text would load.
    texts: data.texts.map(({ id, value }) => ({ id, value })),
    attributes: data.attributes.map(({ id, attributes }) => ({ id, attributes: cleanAttributes("", attributes, own) })),
    adds: data.adds.map((add) => ({ ...add, node: cleanNode(add.node, own) })),
  };
}

function cleanNode(node: RrNode, own: string): RrNode {
  if (node.type === NODE.text) {
    return node["isStyle"] === true ? { ...node, textContent: cleanStyle(node.textContent ?? "", own) } : node;
  }
  if (node.type !== NODE.element) {
    return node.childNodes === undefined ? node : { ...node, childNodes: node.childNodes.map((child) => cleanNode(child, own)) };
  }
  const tag = (node.tagName ?? "").toLowerCase();
  const attributes = cleanAttributes(tag, node.attributes ?? {}, own);
  if (EMPTY.has(tag) || isIdle(tag, attributes)) {
    const size = pick(attributes, ["rr_width", "rr_height", "class"]);
    return { ...node, tagName: NOTHING, attributes: size, childNodes: [], isCustom: undefined };
  }
  const childNodes = (node.childNodes ?? []).map((child) => cleanNode(child, own));
  return { ...node, attributes, childNodes, isCustom: undefined };
}

/** A link that is no style sheet has nothing to show, and may load something. */
function isIdle(tag: string, attributes: Attributes): boolean {
  if (tag !== "link") return false;
  return attributes["_cssText"] === undefined && !(attributes["rel"] === "stylesheet" && typeof attributes["href"] === "string");
}

function pick(attributes: Attributes, names: string[]): Attributes {
  return Object.fromEntries(names.filter((name) => attributes[name] !== undefined).map((name) => [name, attributes[name]]));
}

function cleanAttributes(tag: string, from: Attributes, own: string): Attributes {
  const to: Attributes = {};
  for (const [name, value] of Object.entries(from)) {
    const kept = value === undefined ? undefined : cleanAttribute(tag, name.toLowerCase(), value, own);
    if (kept !== undefined) to[name] = kept;
  }
  return to;
}

function cleanAttribute(tag: string, name: string, value: Value, own: string): Value | undefined {
  if (name.startsWith("on") || DROPPED.has(name)) return undefined;
  if (name === "style" || name === "_csstext") {
    return (typeof value === "string" ? cleanStyle(value, own) : everyString(value, (text) => cleanStyle(text, own))) as Value;
  }
  if (typeof value !== "string") return value;
  if (ADDRESSES.has(name)) return LINKS.has(tag) ? (/^\s*\w+script:/i.test(value) ? undefined : value) : ownAddress(value, own);
  if (ADDRESS_LISTS.has(name)) return value.split(",").every((part) => ownAddress(part.trim().split(/\s/)[0] ?? "", own) !== undefined) ? value : undefined;
  return value;
}

/** An address that the console may load: its own server's, a part of the same page, or a picture in the text itself. */
function ownAddress(value: string, own: string): string | undefined {
  const text = value.trim();
  if (text.startsWith("#") || /^data:image\//i.test(text)) return text;
  try {
    return new URL(text, own).origin === own ? text : undefined;
  } catch {
    return undefined;
  }
}

export function cleanStyle(css: string, own: string): string {
  return css
    .replace(/@import[^;]*;?/gi, "")
    .replace(/url\(\s*(['"]?)([^'")]*)\1\s*\)/gi, (all, _quote: string, inner: string) => (ownAddress(inner, own) === undefined ? "none" : all))
    // What stands in `image-set("…")` and the like without `url()`.
    .replace(/(["'])https?:\/\/[^"']*\1/gi, (all) => (ownAddress(all.slice(1, -1), own) === undefined ? '""' : all));
}
