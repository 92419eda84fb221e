// The keyboard: which command a key stands for. By `code`, so that layouts and input methods do not matter;
// plain keys are left alone inside inputs.

import { BINDABLE, DEFAULTS, labelOf, type Bindable, type Bindings } from "./bindings";

export type Command =
  | Bindable | "help" | "palette"
  | "go_inbox" | "go_team" | "go_history" | "go_board" | "go_settings"
  | { nth: number };

export type Stroke = {
  code: string;
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  /** The key went into an input, a text area or the like. */
  typing: boolean;
};

const GO: Record<string, Command> = {
  KeyI: "go_inbox", KeyT: "go_team", KeyR: "go_history", KeyQ: "go_board", KeyS: "go_settings",
};

/** The command of a stroke; `afterG` says that `g` alone was pressed right before it. */
export function commandOf(stroke: Stroke, afterG: boolean, bindings: Bindings = DEFAULTS): Command | null {
  const { code, altKey, ctrlKey, metaKey, typing } = stroke;
  if ((ctrlKey || metaKey) && !altKey && code === "KeyK") return "palette";
  if (altKey && !ctrlKey && !metaKey) {
    const digit = /^Digit([1-9])$/.exec(code)?.[1];
    return digit === undefined ? (BINDABLE.find((c) => bindings[c] === code) ?? null) : { nth: Number(digit) };
  }
  if (typing || altKey || ctrlKey || metaKey) return null;
  if (stroke.key === "?") return "help";
  return afterG ? (GO[code] ?? null) : null;
}

/** Whether Enter means "send": never while an input method composes. */
export function isSend(event: { key: string; shiftKey: boolean; isComposing: boolean; keyCode: number }): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

/** Two strokes within a second: for what must not happen by a slip. */
export class Twice {
  private last = -Infinity;

  constructor(private readonly withinMs = 1000) {}

  press(now: number): boolean {
    const second = now - this.last <= this.withinMs;
    this.last = second ? -Infinity : now;
    return second;
  }
}

/** For the sheet: what one's own keys do, in the order in which they are learnt, then those that are everybody's. */
export function sheet(bindings: Bindings): { keys: string; command: string }[] {
  const own = BINDABLE.map((command) => {
    const keys = labelOf(bindings[command]);
    return { keys: command === "hang_up" ? `${keys} ${keys}` : keys, command };
  });
  return [
    ...own, { keys: "Alt+1…9", command: "nth" }, { keys: "G I / T / R / Q / S", command: "go" },
    { keys: "Ctrl+K", command: "palette" }, { keys: "?", command: "help" },
  ];
}
