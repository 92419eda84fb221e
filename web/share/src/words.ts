/** Words of what both apps show alike. */
import en from './i18n/en.json';
import zh from './i18n/zh-CN.json';

type Values = Record<string, string | number>;
export type Word = keyof typeof en;
export type Say = (word: Word, values?: Values) => string;

export const sayer = sayerOf<Word>(en, zh);

/** Says words in a language; what stands in braces is filled in. */
export function sayerOf<W extends string>(english: Record<W, string>, chinese: Record<W, string>) {
  return (lang: string) => {
    const words = lang.toLowerCase().startsWith('zh') ? chinese : english;
    return (word: W, values?: Values): string => words[word].replace(/\{(\w+)\}/g, (all, name: string) => String(values?.[name] ?? all));
  };
}

/** The word for a code of the server's, or the general one. */
export function wrong(code: string): Word {
  const word = `wrong_${code}`;
  return word in en ? (word as Word) : 'wrong_value';
}
