/** Words of what both apps show alike. */
import en from './i18n/en.json';
import zh from './i18n/zh-CN.json';

export type Word = keyof typeof en;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

export function sayer(lang: string): Say {
  const words: Record<Word, string> = lang.toLowerCase().startsWith('zh') ? zh : en;
  return (word, values) => words[word].replace(/\{(\w+)\}/g, (all, name: string) => String(values?.[name] ?? all));
}

/** The word for why something was not put there or taken, or the general one. */
export function codeWord(code: string): Word {
  const word = `put_${code}`;
  return word in en ? (word as Word) : 'put_failed';
}

/** The word for a code of the server's, or the general one. */
export function wrong(code: string): Word {
  const word = `wrong_${code}`;
  return word in en ? (word as Word) : 'wrong_value';
}
