// Our own typed `t()`: two catalogues with the same keys, `{name}` for what is filled in.
import { useSyncExternalStore } from "react";
import en from "./en.json";
import zh from "./zh-CN.json";

export type Key = keyof typeof en;
export type Lang = "en" | "zh-CN";
export type Params = Record<string, string | number>;

const catalogues: Record<Lang, Record<Key, string>> = { en, "zh-CN": zh };
const STORED = "ngcc.lang";

function preferred(): Lang {
  const stored = localStorage.getItem(STORED);
  if (stored === "en" || stored === "zh-CN") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

let lang: Lang = preferred();
const listeners = new Set<() => void>();

export function setLang(next: Lang): void {
  lang = next;
  localStorage.setItem(STORED, next);
  document.documentElement.lang = next;
  for (const listener of [...listeners]) listener();
}

export function currentLang(): Lang {
  return lang;
}

export function t(key: Key, params?: Params): string {
  return filled(catalogues[lang][key], params);
}

/** A text with what is to be filled in. */
export function filled(text: string, params?: Params): string {
  if (params === undefined) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : String(value);
  });
}

/** The text of a key that the server's word completes, or the word itself where we have none. */
export function tWord(prefix: string, word: string): string {
  const key = `${prefix}.${word}`;
  return key in catalogues[lang] ? t(key as Key) : word;
}

/** Makes a component be drawn anew when the language changes. */
export function useLang(): Lang {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => lang,
  );
}

const two = (n: number): string => String(n).padStart(2, "0");

/** `1:05`, `1:02:03`; never negative. */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

export function timeOfDay(at: number): string {
  return new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** The day in words, with its year. */
export function day(at: number): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: "medium" }).format(at);
}

/** The time where it is of today, else the date. */
export function shortTime(at: number): string {
  if (new Date(at).toDateString() === new Date().toDateString()) return timeOfDay(at);
  return new Intl.DateTimeFormat(lang, { month: "short", day: "numeric" }).format(at);
}

export function timeExact(at: number): string {
  return new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

export function dateTime(at: number): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

export function bytes(size: number): string {
  const [value, unit] = size < 1024 * 1024 ? [size / 1024, "KB"] : [size / 1024 / 1024, "MB"];
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(value)} ${unit}`;
}
