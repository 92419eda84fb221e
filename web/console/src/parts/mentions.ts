// Colleagues named in a text by `@`: found while it is written, marked where it is shown, told when it is sent.
import type { Colleague } from "../wire/protocol";
import { nameOf } from "../store/state";

type People = readonly Colleague[];
export type Piece = { text: string; agent: string | null };

/** What is written behind the `@` for a colleague: the name shown, or the user name where two are called the same. */
export function handleOf(people: People, who: Colleague): string {
  const same = people.filter((p) => p.display.toLowerCase() === who.display.toLowerCase());
  return same.length > 1 || who.display === "" ? nameOf(who.agent) : who.display;
}

/** An `@` behind a letter, a digit or a dot belongs to an address. In Chinese no space need stand before it. */
const AT = /(?:^|[^A-Za-z0-9._%+-])@([^\s@]*)$/;

/** What is being written behind an `@` right before the caret, and where that `@` stands. */
export function asked(text: string, caret: number): { from: number; needle: string } | null {
  const needle = AT.exec(text.slice(0, caret))?.[1];
  return needle === undefined ? null : { from: caret - needle.length - 1, needle };
}

/** The colleagues whose name or user name holds what was written; never oneself. */
export function suggest(people: People, needle: string, me: string): Colleague[] {
  const wanted = needle.toLowerCase();
  const fits = (p: Colleague): boolean =>
    p.agent !== me && (p.display.toLowerCase().includes(wanted) || nameOf(p.agent).toLowerCase().includes(wanted));
  return people.filter(fits).slice(0, 8);
}

/** The text with the colleague in place of what was asked, and where the caret stands then. */
export function fill(text: string, caret: number, from: number, handle: string): { text: string; caret: number } {
  const before = `${text.slice(0, from)}@${handle} `;
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length };
}

/** The text in pieces: those that name a colleague, and what is between. */
export function pieces(text: string, people: People): Piece[] {
  const handles = people.map((p) => ({ agent: p.agent, handle: handleOf(people, p) }))
    .sort((a, b) => b.handle.length - a.handle.length);
  const found: Piece[] = [];
  let plain = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (at > 0 && /[A-Za-z0-9._%+-]/.test(text[at - 1] ?? "")) continue;
    const rest = text.slice(at + 1).toLowerCase();
    const named = handles.find(({ handle }) => rest.startsWith(handle.toLowerCase()) && ends(text, at + 1 + handle.length, handle));
    if (named === undefined) continue;
    const end = at + 1 + named.handle.length;
    if (at > plain) found.push({ text: text.slice(plain, at), agent: null });
    found.push({ text: text.slice(at, end), agent: named.agent });
    plain = end;
    at = end - 1;
  }
  if (plain < text.length) found.push({ text: text.slice(plain), agent: null });
  return found;
}

/** A name in letters that stand apart ends where no such letter follows; "@Bobby" names no Bob. */
function ends(text: string, at: number, handle: string): boolean {
  return !(/[A-Za-z0-9]$/.test(handle) && /^[A-Za-z0-9]/.test(text.slice(at)));
}

/** Whom the text names, each once. */
export function mentioned(text: string, people: People): string[] {
  return [...new Set(pieces(text, people).flatMap((piece) => piece.agent ?? []))];
}
