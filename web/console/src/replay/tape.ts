// A recording of what was shared, as the centre keeps it: a line that says of what it is, and a line an entry.
import type { Kind, RrEvent } from "@ngcc/share/wire";
import { EVENT } from "@ngcc/share/rr";
import { isRecord } from "../wire/socket";

/** Milliseconds since the beginning, and the frame that the agent was told. */
export type Entry = { at: number; type: string; data: unknown };
export type Tape = { kind: Kind; entries: Entry[]; length: number; isFull: boolean };

const KINDS: readonly string[] = ["cobrowse", "form", "whiteboard", "document", "file", "url"] satisfies Kind[];

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** Reads one; null where it is none, or of a version that is not known. A line that is none is passed over. */
export function read(text: string): Tape | null {
  const [first = "", ...lines] = text.split("\n");
  const head = parse(first);
  if (head === null || head["v"] !== 1 || !KINDS.includes(String(head["kind"]))) return null;
  const entries: Entry[] = [];
  let [last, isFull] = [0, false];
  for (const line of lines) {
    const value = parse(line);
    if (value === null) continue;
    // The centre's calendar may have been set back: nothing stands before what came before it.
    last = Math.max(last, typeof value["at"] === "number" ? value["at"] : 0);
    isFull ||= value["full"] === true;
    const frame = value["frame"];
    if (isRecord(frame) && typeof frame["type"] === "string") entries.push({ at: last, type: frame["type"], data: frame["data"] });
  }
  return { kind: head["kind"] as Kind, entries, length: last, isFull };
}

/** How many entries are due at `ms`. */
export function due(tape: Tape, ms: number): number {
  let [low, high] = [0, tape.entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tape.entries[middle]?.at ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From which entry on everything that is shown after `count` of them can be made: the last that begins anew. */
export function base(tape: Tape, count: number): number {
  for (let n = count - 1; n > 0; n -= 1) {
    if (tape.entries[n]?.type === "ready") return n;
  }
  return 0;
}

/** Whether events of a page begin with all of it. */
export const isWhole = (events: RrEvent[]): boolean => events.some((event) => event.type === EVENT.full);
