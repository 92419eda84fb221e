/** Words of what is shared; they come with it, so that a chat alone does not carry them. */
import type { Lang } from '../i18n';
import en from './i18n/en.json';
import zh from './i18n/zh-CN.json';

export type Word = keyof typeof en;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

const CATALOGUES: Record<Lang, Record<Word, string>> = { en, 'zh-CN': zh };

export function sayer(lang: Lang): Say {
  const words = CATALOGUES[lang];
  return (word, values) => words[word].replace(/\{(\w+)\}/g, (all, name: string) => String(values?.[name] ?? all));
}

/** The word for what the centre names, or the general one. */
export function worded(prefix: 'refused' | 'ended', why: string): Word {
  const word = `${prefix}_${why}`;
  return word in en ? (word as Word) : prefix;
}
