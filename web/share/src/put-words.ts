/** Words of files and addresses: they are loaded with what draws these. */
import en from './i18n/put-en.json';
import zh from './i18n/put-zh-CN.json';
import { sayerOf } from './words';

export type Word = keyof typeof en;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

export const sayer = sayerOf<Word>(en, zh);

/** The word for why something was not put there or taken, or the general one. */
export function codeWord(code: string): Word {
  const word = `put_${code}`;
  return word in en ? (word as Word) : 'put_failed';
}
