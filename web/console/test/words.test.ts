// Every word on the screen comes from the catalogues, and both have the same keys.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import adminEn from "../src/admin/en.json";
import adminZh from "../src/admin/zh-CN.json";
import en from "../src/i18n/en.json";
import zh from "../src/i18n/zh-CN.json";

const src = join(import.meta.dirname, "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" });
const SPOKEN = ["aria-label", "title", "placeholder", "label", "alt", "hint"];
// Names of keys are the same in every language.
const isWord = (text: string): boolean => /\p{L}/u.test(text) && !/^Alt\+[A-Z]$/.test(text);

const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "").sort();

test.each([["the console's", en, zh], ["the administrator's", adminEn, adminZh]])("both of %s catalogues have the same keys and the same holes to fill", (_, one, other) => {
  expect(Object.keys(other).sort()).toEqual(Object.keys(one).sort());
  for (const [key, text] of Object.entries(one)) {
    expect([key, holes((other as Record<string, string>)[key] ?? "")]).toEqual([key, holes(text)]);
    expect(text).not.toBe("");
  }
});

test("no part writes a word of its own", () => {
  const found: string[] = [];
  for (const file of files.filter((f) => f.endsWith(".tsx"))) {
    const source = ts.createSourceFile(file, readFileSync(join(src, file), "utf8"), ts.ScriptTarget.ES2022, true, ts.ScriptKind.TSX);
    const visit = (node: ts.Node): void => {
      if (ts.isJsxText(node) && isWord(node.text)) found.push(`${file}: ${node.text.trim()}`);
      if (ts.isJsxAttribute(node) && SPOKEN.includes(node.name.getText()) && node.initializer !== undefined
        && ts.isStringLiteral(node.initializer) && isWord(node.initializer.text)) {
        found.push(`${file}: ${node.getText()}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  expect(found).toEqual([]);
});

test("no key is kept that no part could ask for", () => {
  const text = files.filter((f) => /\.tsx?$/.test(f) && !f.includes(".test.")).map((f) => readFileSync(join(src, f), "utf8")).join("\n");
  const unused = Object.keys(en).filter((key) => {
    const prefix = key.slice(0, key.lastIndexOf("."));
    const first = key.split(".")[0] ?? "";
    return !text.includes(`"${key}"`) && !text.includes(`\`${prefix}.\${`) && !text.includes(`tWord("${first}"`);
  });
  expect(unused).toEqual([]);
});

test("no word of the administrator's is kept that no part could ask for", () => {
  const text = files.filter((f) => /^admin\/.*\.tsx?$/.test(f) && !f.includes(".test.")).map((f) => readFileSync(join(src, f), "utf8")).join("\n");
  const unused = Object.keys(adminEn).filter((key) => !text.includes(`"${key}"`) && !text.includes(`\`${key.split(".")[0] ?? ""}.\${`));
  expect(unused).toEqual([]);
});

test("no text becomes markup, and no style or script stands inline", () => {
  for (const file of files.filter((f) => /\.tsx?$/.test(f))) {
    const text = readFileSync(join(src, file), "utf8");
    expect([file, /dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text)]).toEqual([file, false]);
    expect([file, /\sstyle=\{/.test(text)]).toEqual([file, false]);
  }
});
