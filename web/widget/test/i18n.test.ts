import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytes, duration, languageOf, translator, type Key } from '../src/i18n';
import en from '../src/i18n/en.json';
import zh from '../src/i18n/zh-CN.json';
import sharedEn from '../../share/src/i18n/en.json';
import sharedZh from '../../share/src/i18n/zh-CN.json';
import sharingEn from '../src/sharing/i18n/en.json';
import sharingZh from '../src/sharing/i18n/zh-CN.json';
import screenEn from '../src/screen/i18n/en.json';
import screenZh from '../src/screen/i18n/zh-CN.json';

test('both catalogues have the same keys, none is empty, and the values to fill in are the same', () => {
  expect(Object.keys(zh)).toEqual(Object.keys(en));
  for (const key of Object.keys(en) as Key[]) {
    const holes = (words: string) => (words.match(/\{\w+\}/g) ?? []).sort();
    expect(holes(zh[key]), key).toEqual(holes(en[key]));
    expect(zh[key].trim(), key).not.toBe('');
    expect(en[key].trim(), key).not.toBe('');
  }
});

test.each([['sharing', sharingEn, sharingZh], ['a screen', screenEn, screenZh], ['form and board', sharedEn, sharedZh]])('the words of %s are the same keys and values in both', (_, en, zh) => {
  expect(Object.keys(zh)).toEqual(Object.keys(en));
  const holes = (words: string) => (words.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, words] of Object.entries(en)) {
    const other = (zh as Record<string, string>)[key] ?? '';
    expect([key, holes(other), other.trim() !== '']).toEqual([key, holes(words), true]);
  }
});

test('no word of sharing is unused', () => {
  const read = (folder: string) => readdirSync(folder).filter((n) => /\.tsx?$/.test(n)).map((n) => readFileSync(join(folder, n), 'utf8')).join('\n');
  const made = /^(share|kind|ask|ended|refused|may|board|wrong)_/; // say(`kind_${kind}`) and the like
  const used = (code: string) => (key: string) => !made.test(key) && !code.includes(`'${key}'`);
  expect(Object.keys(sharingEn).filter(used(read('src/sharing')))).toEqual([]);
  expect(Object.keys(sharedEn).filter(used(read('../share/src')))).toEqual([]);
});

test('no component holds words of its own', () => {
  const found: string[] = [];
  for (const folder of ['src/ui', 'src/voice', 'src/sharing']) {
    for (const name of readdirSync(folder).filter((n) => n.endsWith('.tsx'))) {
      for (const [, words = ''] of readFileSync(join(folder, name), 'utf8').matchAll(/<[a-z][^<>{}]*>([^<>{}=]+)<\//g)) {
        if (/[\p{L}]{2}/u.test(words)) found.push(`${name}: ${words.trim()}`);
      }
    }
  }
  expect(found).toEqual([]);
});

test('no key is unused', () => {
  const code = ['src', 'src/core', 'src/ui', 'src/voice']
    .flatMap((folder) => readdirSync(folder).filter((n) => /\.tsx?$/.test(n)).map((n) => readFileSync(join(folder, n), 'utf8')))
    .join('\n');
  const made = /^(mic|file)_/; // t(`mic_${problem}`), t(`file_${code}`)
  expect(Object.keys(en).filter((key) => !made.test(key) && !code.includes(`'${key}'`))).toEqual([]);
});

test('Chinese of any kind reads Chinese, everybody else English', () => {
  expect(['zh', 'zh-CN', 'ZH-hant', 'en-GB', 'fr', '', null].map(languageOf)).toEqual(['zh-CN', 'zh-CN', 'zh-CN', 'en', 'en', 'en', 'en']);
});

test('values are put in as they are, also when they look like holes', () => {
  expect(translator('en')('joined', { name: '{name}<b>' })).toBe('{name}<b> joined');
  expect(translator('en')('joined')).toBe('{name} joined');
});

test('sizes and times are for people', () => {
  expect([bytes('en', 900), bytes('en', 1536), bytes('en', 25 * 1024 * 1024)]).toEqual(['900 byte', '1.5 kB', '25 MB']);
  expect([duration(119.6), duration(-1)]).toEqual(['1:59', '0:00']);
});
