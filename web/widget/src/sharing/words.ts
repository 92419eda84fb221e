/** Words of what is shared; they come with it, so that a chat alone does not carry them. */
import type { Lang } from '../i18n';
import en from './i18n/en.json';

export type Word = keyof typeof en;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

const CATALOGUES: Partial<Record<Lang, Record<Word, string>>> = { en };

/** Whether the words of a language are here. */
export function speaks(lang: Lang): boolean {
  return CATALOGUES[lang] !== undefined;
}

/** Fetches the words of a language: nobody pays for one that they do not read. */
export async function learn(lang: Lang): Promise<void> {
  if (lang === 'zh-CN') CATALOGUES[lang] ??= (await import('./i18n/zh-CN.json')).default;
}

/** Speaks a language, and English until its words are here. */
export function sayer(lang: Lang): Say {
  const words = CATALOGUES[lang] ?? en;
  return (word, values) => words[word].replace(/\{(\w+)\}/g, (all, name: string) => String(values?.[name] ?? all));
}

/** The word for what the centre names, or the general one. */
export function worded(prefix: 'refused' | 'ended', why: string): Word {
  const word = `${prefix}_${why}`;
  return word in en ? (word as Word) : prefix;
}
