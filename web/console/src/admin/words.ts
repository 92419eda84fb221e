// The words of the administrator's pages: catalogues of their own, which nobody else loads.
import { currentLang, filled, type Lang, type Params } from "../i18n";
import type { Wrong } from "../wire/rest";
import type { Channel, FieldSpec } from "../wire/channels";
import en from "./en.json";
import zh from "./zh-CN.json";

export type Word = keyof typeof en;

const catalogues: Record<Lang, Record<Word, string>> = { en, "zh-CN": zh };

export function a(word: Word, params?: Params): string {
  return filled(catalogues[currentLang()][word], params);
}

/** The text of the first key that there is. */
function first(...keys: string[]): string | null {
  const catalogue: Record<string, string | undefined> = catalogues[currentLang()];
  const found = keys.find((key) => catalogue[key] !== undefined);
  return found === undefined ? null : catalogue[found] ?? null;
}

/** A kind's name; that of a kind without words is its own. */
export const kindOf = (kind: string): string => first(`kind.${kind}`) ?? kind;
export const aboutOf = (kind: string): string => first(`about.${kind}`) ?? a("about.other");
export const consoleOf = (kind: string): string => first(`console.${kind}`) ?? a("console.other");
export const labelOf = (kind: string, key: string): string => first(`field.${kind}.${key}`, `field.${key}`) ?? key;
export const helpOf = (kind: string, key: string): string | null => first(`help.${kind}.${key}`, `help.${key}`);
export const classOf = (word: string): string => first(`class.${word}`) ?? word;
export const triedOf = (is: string): string => first(`tried.${is}`) ?? is;
export const langOf = (lang: string): string => first(`lang.${lang}`) ?? lang;

/** What is wrong with a field, in the page's language; in the centre's own words where there are no others. */
export function wrongOf(wrong: Wrong, spec?: FieldSpec): string {
  const own = wrong.why === "form" && ["name", "to", "text"].includes(wrong.field) ? first(`wrong.${wrong.field}`) : null;
  const form = wrong.why === "form" && spec !== undefined ? first(`form.${spec.form}`) : null;
  return own ?? form ?? (wrong.why === "other" ? null : first(`wrong.${wrong.why}`)) ?? wrong.what;
}

export type Standing = "ok" | "waiting" | "asking" | "forged" | "failing" | "unknown";

/** In one word how a channel fares: what is wrong comes before what is well. */
export function standingOf(channel: Channel): Standing {
  const fares = channel.state;
  if (fares === null) return "unknown";
  if (fares.failures > 0) return "failing";
  if (fares.forged !== null) return "forged";
  if (fares.verified !== null) return "ok";
  return fares.meets === "asks" ? "asking" : "waiting";
}

export const standingWord = (channel: Channel): string =>
  a(`state.${standingOf(channel)}`, { n: channel.state?.failures ?? 0 });
