/** Words of a shown screen; they come with it. */
import type { Lang } from '../i18n';
import en from './i18n/en.json';
import zh from './i18n/zh-CN.json';

export type ScreenWord = keyof typeof en;

const CATALOGUES: Record<Lang, Record<ScreenWord, string>> = { en, 'zh-CN': zh };

export function say(lang: Lang, word: ScreenWord, name: string): string {
  return CATALOGUES[lang][word].replace('{name}', name);
}
