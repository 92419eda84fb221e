/** Words of the widget in the customer's language. */
import en from './en.json';
import zh from './zh-CN.json';

export type Key = keyof typeof en;
export type Lang = 'en' | 'zh-CN';
export type Translate = (key: Key, values?: Record<string, string | number>) => string;

const CATALOGUES: Record<Lang, Record<Key, string>> = { en, 'zh-CN': zh };

/** The catalogue for a language tag: Chinese of any kind reads zh-CN, everybody else en. */
export function languageOf(tag: string | null | undefined): Lang {
  return tag?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

export function translator(lang: Lang): Translate {
  const words = CATALOGUES[lang];
  return (key, values) => words[key].replace(/\{(\w+)\}/g, (all, name: string) => String(values?.[name] ?? all));
}

/** Bytes for people, in steps of 1024. */
export function bytes(lang: Lang, size: number): string {
  const step = size < 1024 ? 0 : size < 1024 ** 2 ? 1 : 2;
  const unit = ['byte', 'kilobyte', 'megabyte'][step] ?? 'byte';
  const value = size / 1024 ** step;
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 && step > 0 ? 1 : 0 }).format(value);
}

/** Hours and minutes of the day. */
export function clock(lang: Lang, at: number): string {
  return new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** Seconds as `m:ss`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}
