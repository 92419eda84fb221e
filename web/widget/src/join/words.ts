/** Words of the page that a link opens. */
import type { Lang } from '../i18n';
import en from './i18n/en.json';
import zh from './i18n/zh-CN.json';

export type JoinWord = keyof typeof en;

const CATALOGUES: Record<Lang, Record<JoinWord, string>> = { en, 'zh-CN': zh };

export function say(lang: Lang, word: JoinWord, name = ''): string {
  return CATALOGUES[lang][word].replace('{name}', name);
}

/** Why it is not to be, as the centre names it, or in general. */
export function refusal(why: string): JoinWord {
  const word = `refused_${why}`;
  return word in en ? (word as JoinWord) : 'refused';
}
