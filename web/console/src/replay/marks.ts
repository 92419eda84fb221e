// When what was recorded was paused and went on, as the session's facts have it: they lie in a line of time that begins
// with the recording.
import type { FactRow, Recorded } from "../wire/rest";

export type Mark = { at: number; act: "pause" | "resume" | "consent" | "revoke" };
export type Marks = { marks: Mark[]; lost: "full" | "disk" | "codec" | null };

const ACTS: readonly string[] = ["pause", "resume", "consent", "revoke"] satisfies Mark["act"][];
const LOSSES: readonly string[] = ["full", "disk", "codec"];

/** What the facts say of one recording; what was before it began, and consents to anything but the view, are left out. */
export function marksOf(facts: FactRow[], { collab, started, ended }: Recorded): Marks {
  const found: Marks = { marks: [], lost: null };
  for (const { at, what } of facts) {
    if (what?.type !== "collab_noted" || what["collab"] !== collab) continue;
    const act = String(what["act"]);
    const of = String(what["what"]);
    if (act === "unrecorded" && LOSSES.includes(of)) found.lost = of as Marks["lost"];
    const isPause = act === "pause" || act === "resume";
    if (!ACTS.includes(act) || !(isPause || of === "view") || at < started) continue;
    found.marks.push({ at: Math.min(at, ended) - started, act: act as Mark["act"] });
  }
  return found;
}
