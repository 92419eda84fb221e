// Which key stands for which command: Alt and a key, by its place. Everybody has their own, kept in this browser.
import { useSyncExternalStore } from "react";

export type Bindable =
  | "accept" | "decline" | "mute" | "hold" | "transfer" | "automation" | "finish" | "close" | "next" | "previous"
  | "reply" | "note" | "dial" | "state" | "hang_up";

export type Bindings = Readonly<Record<Bindable, string>>;

export const DEFAULTS: Bindings = {
  accept: "KeyA", decline: "KeyD", mute: "KeyM", hold: "KeyH", transfer: "KeyT", automation: "KeyI", hang_up: "KeyX",
  reply: "KeyL", note: "KeyP", close: "KeyE", finish: "KeyW", next: "KeyJ", previous: "KeyK", dial: "KeyN", state: "KeyS",
};
/** In the order in which they are learnt. */
export const BINDABLE = Object.keys(DEFAULTS) as Bindable[];

const SIGNS: Record<string, string> = {
  Comma: ",", Period: ".", Slash: "/", Semicolon: ";", Quote: "'", BracketLeft: "[", BracketRight: "]", Minus: "-",
  Equal: "=", Backquote: "`", Backslash: "\\",
};

/** What is written on the key; none: it is no key that may be chosen. */
function signOf(code: string): string | undefined {
  return /^Key([A-Z])$/.exec(code)?.[1] ?? SIGNS[code];
}

export function labelOf(code: string): string {
  return `Alt+${signOf(code) ?? code}`;
}

export type Rebound = { ok: true; bindings: Bindings } | { ok: false; why: "taken"; by: Bindable } | { ok: false; why: "unusable" };

/** Another key for a command. A key that another command has is refused: nothing is lost by a slip. */
export function rebind(
  bindings: Bindings, command: Bindable,
  stroke: { code: string; altKey: boolean; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean },
): Rebound {
  const { code, altKey, ctrlKey, metaKey, shiftKey } = stroke;
  if (!altKey || ctrlKey || metaKey || shiftKey || signOf(code) === undefined) return { ok: false, why: "unusable" };
  const by = BINDABLE.find((other) => other !== command && bindings[other] === code);
  if (by !== undefined) return { ok: false, why: "taken", by };
  return { ok: true, bindings: { ...bindings, [command]: code } };
}

/** The stored ones, as far as they can be used: each command has a key, and no key two commands. */
export function read(text: string | null): Bindings {
  let stored: unknown = null;
  try {
    stored = JSON.parse(text ?? "null");
  } catch {
    return DEFAULTS;
  }
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  const own = stored as Record<string, unknown>;
  const of = (command: Bindable): string => {
    const code = own[command];
    return typeof code === "string" && signOf(code) !== undefined ? code : DEFAULTS[command];
  };
  const bindings = Object.fromEntries(BINDABLE.map((command) => [command, of(command)])) as Bindings;
  return new Set(Object.values(bindings)).size === BINDABLE.length ? bindings : DEFAULTS;
}

const listeners = new Set<() => void>();
let user = "";
let current: Bindings = DEFAULTS;

const storedAt = (who: string): string => `ngcc.keys.${who}`;

function become(next: Bindings): void {
  current = next;
  for (const listener of [...listeners]) listener();
}

/** Whose keys are in force from now on. */
export function keysOf(who: string): void {
  if (who === user) return;
  user = who;
  become(read(localStorage.getItem(storedAt(who))));
}

export function bindings(): Bindings {
  return current;
}

export function keep(next: Bindings): void {
  localStorage.setItem(storedAt(user), JSON.stringify(next));
  become(next);
}

export function reset(): void {
  localStorage.removeItem(storedAt(user));
  become(DEFAULTS);
}

export function useBindings(): Bindings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    bindings,
  );
}
