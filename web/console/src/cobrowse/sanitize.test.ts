import { expect, test } from "vitest";
import type { RrNode } from "@ngcc/share/rr";
import { cleanStyle, sanitize } from "./sanitize";

const OWN = "https://desk.example";
let id = 0;
const el = (tagName: string, attributes: RrNode["attributes"] = {}, ...childNodes: RrNode[]): RrNode => ({ type: 2, id: ++id, tagName, attributes, childNodes });
const text = (textContent: string): RrNode => ({ type: 3, id: ++id, textContent });

/** The node as it may be shown. */
function clean(node: RrNode): RrNode {
  const event = sanitize({ type: 2, timestamp: 0, data: { node: { type: 0, id: ++id, childNodes: [node] }, initialOffset: {} } }, OWN);
  const found = (event?.data as { node: RrNode }).node.childNodes?.[0];
  if (found === undefined) throw new Error("nothing left");
  return found;
}

test("what runs, frames or goes elsewhere keeps its place and nothing else", () => {
  const bad = [
    el("script", { src: "/x.js" }, text("alert(1)")), el("iframe", { srcdoc: "<script>alert(1)</script>" }), el("object", { data: "/x" }),
    el("base", { href: "https://evil.example/" }), el("noscript", {}, el("img", { src: "/x" })), el("link", { rel: "prefetch", href: "https://evil.example/" }),
  ];
  for (const node of bad) {
    expect(clean(node)).toMatchObject({ id: node.id, tagName: "ngcc-none", attributes: {}, childNodes: [] });
  }
});

test("handlers, targets and refreshes are dropped", () => {
  const kept = clean(el("a", { onclick: "x()", ONFOCUS: "x()", autofocus: true, target: "_top", href: "https://shop.example/a", title: "t" }));
  expect(kept.attributes).toEqual({ href: "https://shop.example/a", title: "t" });
  expect(clean(el("meta", { "http-equiv": "refresh", content: "0;url=https://evil.example" })).attributes).toEqual({ content: "0;url=https://evil.example" });
  expect(clean(el("a", { href: "javascript:alert(1)" })).attributes).toEqual({});
});

test("nothing is loaded but from our own server and from the text itself", () => {
  expect(clean(el("img", { src: "https://evil.example/pixel.png", alt: "a" })).attributes).toEqual({ alt: "a" });
  expect(clean(el("img", { src: `${OWN}/demo/shop/img/leaf.svg` })).attributes).toEqual({ src: `${OWN}/demo/shop/img/leaf.svg` });
  expect(clean(el("img", { src: "data:image/png;base64,AA==" })).attributes).toEqual({ src: "data:image/png;base64,AA==" });
  expect(clean(el("img", { srcset: `${OWN}/a.png 1x, https://evil.example/b.png 2x` })).attributes).toEqual({});
  expect(clean(el("use", { "xlink:href": "#leaf" })).attributes).toEqual({ "xlink:href": "#leaf" });
  expect(clean(el("video", { src: "//evil.example/v.mp4" })).attributes).toEqual({});
});

test("a style loads nothing from elsewhere either", () => {
  const css = `@import url(https://evil.example/a.css); a { background: url("https://evil.example/p.png") } b { background: url(${OWN}/p.png) }`
    + " i { background: image-set('https://evil.example/q.png' 1x); mask: url(#m) }";
  expect(cleanStyle(css, OWN)).not.toContain("evil.example");
  expect(cleanStyle(css, OWN)).toContain(`url(${OWN}/p.png)`);
  expect(cleanStyle(css, OWN)).toContain("url(#m)");
  expect(clean(el("div", { style: "background: url(https://evil.example/x)" })).attributes).toEqual({ style: "background: none" });
});

test("changes are cleaned as snapshots are, and unknown events are left out", () => {
  const mutation = {
    source: 0, texts: [], removes: [], adds: [{ parentId: 1, nextId: null, node: el("script", {}) }],
    attributes: [{ id: 5, attributes: { onclick: "x()", src: "https://evil.example/x", style: { color: "red" }, class: "c" } }],
  };
  const event = sanitize({ type: 3, timestamp: 0, data: mutation }, OWN);
  expect(event?.data).toMatchObject({ adds: [{ node: { tagName: "ngcc-none" } }], attributes: [{ id: 5, attributes: { style: { color: "red" }, class: "c" } }] });
  expect(JSON.stringify(event)).not.toContain("evil.example");
  expect([5, 6, 99].map((type) => sanitize({ type, timestamp: 0, data: {} }, OWN))).toEqual([null, null, null]);
  expect(sanitize({ type: 3, timestamp: 0, data: { source: 9 } }, OWN)).toBeNull();
});
