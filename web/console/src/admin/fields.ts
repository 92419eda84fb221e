// What is entered of a channel, and what is wrong with it before the centre is asked.
import type { Channel, FieldSpec, KindSpec, Wish } from "../wire/channels";
import type { Wrong } from "../wire/rest";

/** What is entered; a secret that is undefined stays as it is, null is removed. */
export type Draft = {
  name: string; kind: string; entry: string; lang: string;
  settings: Record<string, string>; secrets: Record<string, string | null | undefined>;
};

const FORMS: Partial<Record<string, RegExp>> = {
  url: /^https?:\/\/\S{1,248}$/,
  aes_key: /^[A-Za-z0-9]{43}$/,
  bot_token: /^[A-Za-z0-9_-]*:[A-Za-z0-9:_-]*$/,
  letters: /^[A-Za-z0-9_-]{1,256}$/,
  mark: /^(none|address|subject)$/,
};
const NAME = /^[a-z0-9_-]{1,64}$/;
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
const AES_LETTERS = 43;
const SECRET_LETTERS = 32;

export function emptyDraft(kind: string, entry: string, lang: string): Draft {
  return { name: "", kind, entry, lang, settings: {}, secrets: {} };
}

export function draftOf(channel: Channel): Draft {
  const { name, kind, entry, lang, settings } = channel;
  return { name, kind, entry, lang, settings: { ...settings }, secrets: {} };
}

/** What the centre is asked for: blanks around a text are slips of pasting. */
export function wishOf(draft: Draft, spec: KindSpec): Wish {
  const settings: Record<string, string> = {};
  const secrets: Record<string, string | null> = {};
  for (const { key, secret } of spec.fields) {
    if (!secret) {
      settings[key] = (draft.settings[key] ?? "").trim();
      continue;
    }
    const given = draft.secrets[key];
    const text = typeof given === "string" ? given.trim() : given;
    if (text === null || (text !== undefined && text !== "")) secrets[key] = text;
  }
  return { kind: draft.kind, entry: draft.entry, lang: draft.lang, settings, secrets };
}

/** What is wrong with one field; `set` are the secrets that are there. */
export function wrongIn(draft: Draft, spec: FieldSpec, set: readonly string[]): Wrong | null {
  const { key } = spec;
  const given = spec.secret ? draft.secrets[key] : (draft.settings[key] ?? "");
  const text = given?.trim() ?? "";
  const bad = (why: string): Wrong => ({ field: key, why, what: "" });
  if (text === "") {
    const there = spec.secret && given === undefined && set.includes(key);
    return spec.required && !there ? bad("missing") : null;
  }
  return FORMS[spec.form]?.test(text) === false ? bad("form") : null;
}

/** Everything that is wrong, in the order of the fields. */
export function wrongsIn(draft: Draft, spec: KindSpec, set: readonly string[]): Wrong[] {
  const name = NAME.test(draft.name.trim()) ? [] : [nameWrong(draft.name)];
  const entry = draft.entry === "" ? [{ field: "entry", why: "not_there", what: "" }] : [];
  return [...name, ...entry, ...spec.fields.flatMap((field) => wrongIn(draft, field, set) ?? [])];
}

export function nameWrong(name: string): Wrong {
  return { field: "name", why: name.trim() === "" ? "missing" : "form", what: "" };
}

/** A secret of one's own, made up. */
export function made(form: string): string {
  const count = form === "aes_key" ? AES_LETTERS : SECRET_LETTERS;
  const drawn: string[] = [];
  // Draws that would make some letters likelier than others are thrown away.
  const most = 256 - (256 % LETTERS.length);
  while (drawn.length < count) {
    const bytes = crypto.getRandomValues(new Uint8Array(64));
    for (const byte of bytes) if (byte < most && drawn.length < count) drawn.push(LETTERS.charAt(byte % LETTERS.length));
  }
  return drawn.join("");
}
