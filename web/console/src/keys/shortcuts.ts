// The keyboard: which command a key stands for. By `code`, so that layouts and input methods do not matter;
// plain keys are left alone inside inputs.

export type Command =
  | "accept" | "decline" | "mute" | "hold" | "transfer" | "automation" | "finish" | "close" | "next" | "previous"
  | "reply" | "note" | "dial" | "state" | "hang_up" | "help" | "palette"
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

const ALT: Record<string, Command> = {
  KeyA: "accept", KeyD: "decline", KeyM: "mute", KeyH: "hold", KeyT: "transfer", KeyI: "automation",
  KeyW: "finish", KeyE: "close", KeyJ: "next", KeyK: "previous", KeyL: "reply", KeyP: "note", KeyN: "dial",
  KeyS: "state", KeyX: "hang_up",
};

const GO: Record<string, Command> = {
  KeyI: "go_inbox", KeyT: "go_team", KeyR: "go_history", KeyQ: "go_board", KeyS: "go_settings",
};

/** The command of a stroke; `afterG` says that `g` alone was pressed right before it. */
export function commandOf(stroke: Stroke, afterG: boolean): Command | null {
  const { code, altKey, ctrlKey, metaKey, typing } = stroke;
  if ((ctrlKey || metaKey) && !altKey && code === "KeyK") return "palette";
  if (altKey && !ctrlKey && !metaKey) {
    const digit = /^Digit([1-9])$/.exec(code)?.[1];
    return digit === undefined ? (ALT[code] ?? null) : { nth: Number(digit) };
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

/** For the sheet: in the order in which they are learnt. */
export const SHEET: { keys: string; command: string }[] = [
  { keys: "Alt+A", command: "accept" }, { keys: "Alt+D", command: "decline" }, { keys: "Alt+M", command: "mute" },
  { keys: "Alt+H", command: "hold" }, { keys: "Alt+T", command: "transfer" }, { keys: "Alt+I", command: "automation" },
  { keys: "Alt+X Alt+X", command: "hang_up" }, { keys: "Alt+L", command: "reply" }, { keys: "Alt+P", command: "note" },
  { keys: "Alt+E", command: "close" }, { keys: "Alt+W", command: "finish" }, { keys: "Alt+J / Alt+K", command: "next" },
  { keys: "Alt+1…9", command: "nth" }, { keys: "Alt+N", command: "dial" }, { keys: "Alt+S", command: "state" },
  { keys: "G I / T / R / Q / S", command: "go" }, { keys: "Ctrl+K", command: "palette" }, { keys: "?", command: "help" },
];
