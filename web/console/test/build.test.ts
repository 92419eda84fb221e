// The built pages: small enough, nothing inline, nothing from elsewhere. Needs `npm run build` before it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const dist = join(import.meta.dirname, "../dist");
const html = existsSync(join(dist, "index.html")) ? readFileSync(join(dist, "index.html"), "utf8") : null;
const index = (): string => {
  if (html === null) throw new Error("web/console/dist is missing: run `npm run build` first");
  return html;
};

/** The most bytes, packed, that are loaded before the first screen. */
const FIRST_LOAD = 200 * 1024;

test("what is loaded first is at most 200 KB packed", () => {
  const first = [...index().matchAll(/(?:src|href)="\/console\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1] ?? "");
  expect(first.some((f) => f.endsWith(".js"))).toBe(true);
  const size = first.reduce((sum, f) => sum + gzipSync(readFileSync(join(dist, f)), { level: 9 }).length, 0);
  expect(size).toBeLessThanOrEqual(FIRST_LOAD);
});

test("the page has no inline script or style and loads from its own server only", () => {
  expect(index()).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
  expect(index()).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  for (const [, url] of index().matchAll(/(?:src|href)="([^"]+)"/g)) expect(url).toMatch(/^\/console\//);
});

test("no style sheet asks for anything from elsewhere", () => {
  const assets = readdirSync(join(dist, "assets"));
  for (const file of assets.filter((f) => f.endsWith(".css"))) {
    expect(readFileSync(join(dist, "assets", file), "utf8")).not.toMatch(/url\(|@import/);
  }
});
