// What is seen of a recording at a time: a page with where the agent pointed, a form, a drawing or a text. It is
// looked at only: nothing in it can be changed.
import { useEffect, useReducer, useRef } from "react";
import type { Act, Form, FormState, Ready, RrEvent, Told } from "@ngcc/share/wire";
import type { Viewer } from "../cobrowse/viewer";
import { t } from "../i18n";
import { Source } from "./source";
import { base, type Entry, type Tape } from "./tape";
import s from "./replay.module.css";

/** The entries up to `count`; they are shown one after another, and from where all begins anew where one goes back. */
function useEntries(tape: Tape, count: number, isThere: boolean, begin: () => void, take: (entry: Entry) => void): void {
  const shown = useRef({ from: -1, count: 0 });
  useEffect(() => {
    if (!isThere) return;
    const from = base(tape, count);
    const { current } = shown;
    let next = current.count;
    if (count < current.count || from > current.count || current.from < 0) {
      begin();
      next = from;
    }
    for (const entry of tape.entries.slice(next, count)) take(entry);
    shown.current = { from, count };
  });
}

/** Whether the customer had paused it at the time. */
export function pausedAt(tape: Tape, count: number): boolean {
  const last = tape.entries.slice(0, count).findLast((entry) => entry.type === "paused" || entry.type === "ready");
  return (last?.data as { on?: boolean; paused?: boolean } | undefined)?.[last?.type === "paused" ? "on" : "paused"] === true;
}

/** How long they stand on the customer's page. */
const [DOT_MS, STROKE_MS] = [6000, 4000];

type Marks = { dot: { x: number; y: number; at: number } | null; strokes: { points: [number, number][]; at: number }[] };

export function Page({ tape, count, at }: { tape: Tape; count: number; at: number }) {
  const stage = useRef<HTMLDivElement>(null);
  const copy = useRef<HTMLDivElement>(null);
  const make = useRef<(() => Viewer) | null>(null);
  const viewer = useRef<Viewer | null>(null);
  const marks = useRef<Marks>({ dot: null, strokes: [] });
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let gone = false;
    const resized = new ResizeObserver(() => {
      viewer.current?.fit();
      draw();
    });
    void import("../cobrowse/viewer").then(({ Viewer }) => {
      const root = copy.current;
      if (gone || root === null) return;
      make.current = () => new Viewer(root, { page: () => undefined });
      resized.observe(root);
      draw();
    });
    return () => {
      gone = true;
      resized.disconnect();
      viewer.current?.end();
    };
  }, []);
  useEntries(tape, count, make.current !== null, () => {
    viewer.current?.end();
    viewer.current = make.current?.() ?? null;
    marks.current = { dot: null, strokes: [] };
  }, (entry) => {
    if (entry.type === "rr") viewer.current?.feed((entry.data as { events: RrEvent[] }).events);
    if (entry.type !== "act") return;
    const { act } = entry.data as { act: Act };
    if (act.is === "pointer") marks.current.dot = { x: act.x, y: act.y, at: entry.at };
    if (act.is === "stroke") marks.current.strokes.push({ points: act.points, at: entry.at });
    if (act.is === "clear") marks.current = { dot: null, strokes: [] };
    draw();
  });
  const frame = viewer.current?.frame?.getBoundingClientRect();
  const outer = stage.current?.getBoundingClientRect();
  const { x, y } = viewer.current?.scroll ?? { x: 0, y: 0 };
  const scale = viewer.current?.scale ?? 1;
  const { dot } = marks.current;
  const strokes = marks.current.strokes.filter((stroke) => at - stroke.at < STROKE_MS);
  return (
    <div className={s.stage} ref={stage}>
      <div className={s.copy} ref={copy} />
      {frame !== undefined && outer !== undefined && (
        <svg className={s.marks} aria-hidden="true">
          <g transform={`translate(${frame.left - outer.left} ${frame.top - outer.top}) scale(${scale}) translate(${-x} ${-y})`}>
            {strokes.map(({ points, at: begun }, n) => <polyline key={`${begun} ${n}`} points={points.map((p) => p.join(",")).join(" ")} />)}
            {dot !== null && at - dot.at < DOT_MS && <circle cx={dot.x} cy={dot.y} r={12} />}
          </g>
        </svg>
      )}
    </div>
  );
}

/** A form as it was filled at the time. */
export function Filled({ tape, count }: { tape: Tape; count: number }) {
  let form: Form | null = null;
  let values = new Map<string, unknown>();
  let unseen = new Set<string>();
  let isConfirmed = false;
  for (const { type, data } of tape.entries.slice(base(tape, count), count)) {
    if (type === "ready") {
      const state = (data as Ready).state as FormState & { filled?: string[] };
      form = state.form;
      values = new Map(Object.entries(state.values));
      unseen = new Set(state.filled ?? []);
      isConfirmed = state.confirmed;
    } else if (type === "filled") {
      const { field, value, filled } = data as Told["filled"];
      if (filled === undefined) values.set(field, value);
      else if (filled) unseen.add(field);
      else unseen.delete(field);
    } else if (type === "confirmed") isConfirmed = true;
  }
  const worded = (name: string): string => {
    if (unseen.has(name)) return t("replay.unseen");
    const value = values.get(name);
    return typeof value === "boolean" ? (value ? "✓" : "✗") : String(value ?? "") || "–";
  };
  return (
    <div className={s.form}>
      <dl>{form?.fields.map((field) => <div key={field.name}><dt>{field.label || field.name}</dt><dd>{worded(field.name)}</dd></div>)}</dl>
      {isConfirmed && <p>{t("replay.confirmed")}</p>}
    </div>
  );
}

/** A drawing or a text. */
export function Board({ tape, count }: { tape: Tape; count: number }) {
  const box = useRef<HTMLDivElement>(null);
  const source = useRef<Source | null>(null);
  const parts = useRef<{ begin: (source: Source) => void } | null>(null);
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const { kind } = tape;
  useEffect(() => {
    let gone = false;
    const loaded = kind === "whiteboard"
      ? import("@ngcc/share/board-view").then(() => (from: Source) => {
        const el = document.createElement("ngcc-board") as HTMLElement & { collab: unknown };
        el.collab = from.collab;
        el.inert = true;
        box.current?.replaceChildren(el);
      })
      : import("@ngcc/share/ydoc").then(({ SharedDoc }) => (from: Source) => {
        const text = SharedDoc.of(from.collab).doc.getText("text");
        const show = (): void => void (box.current?.replaceChildren(text.toString()));
        text.observe(show);
        show();
      });
    void loaded.then((begin) => {
      if (gone) return;
      parts.current = { begin };
      draw();
    });
    return () => {
      gone = true;
    };
  }, [kind]);
  useEntries(tape, count, parts.current !== null, () => {
    source.current = new Source();
  }, (entry) => {
    const { current } = source;
    current?.take(entry);
    if (entry.type === "ready" && current !== null) {
      // What came before is not needed: each begins with all there is.
      source.current = new Source();
      source.current.take(entry);
      parts.current?.begin(source.current);
    }
  });
  return <div className={kind === "whiteboard" ? s.board : s.text} ref={box} />;
}
