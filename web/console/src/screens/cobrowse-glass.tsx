// The glass over the copy of the customer's page: what the agent's hand does there becomes acts on the page.
import { useEffect, useRef, useState, type PointerEvent, type WheelEvent } from "react";
import type { Collab } from "@ngcc/share/collab";
import type { Act } from "@ngcc/share/wire";
import type { Spot, Viewer } from "../cobrowse/viewer";
import { t } from "../i18n";
import { Button } from "../parts/controls";
import s from "./sharing.module.css";

export type Tool = "look" | "point" | "draw" | "control" | "propose";
type Entry = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Target = { node: number; element: Entry; does: "input" | "propose" };

const MOVE_MS = 50;
const INPUT_MS = 120;
const WHEEL_MS = 80;
const FADE_MS = 4000;
const MAX_POINTS = 400;

export function Glass({ viewer, tool, collab, act }: {
  viewer: Viewer; tool: Tool; collab: Collab; act: (act: Act) => Promise<void>;
}) {
  const [lines, setLines] = useState<string[]>([]);
  const [target, setTarget] = useState<Target | null>(null);
  const line = useRef<{ mine: string[]; page: [number, number][] } | null>(null);
  const moved = useRef({ at: 0, timer: 0 });
  const wheel = useRef<{ timer: number; x: number; y: number } | null>(null);
  useEffect(() => setTarget(null), [tool]);
  const send = (what: Act): void => {
    collab.tell("act", { act: what });
  };
  /** At most so often, and always the last place. */
  const point = ({ x, y }: Spot): void => {
    const { current } = moved;
    window.clearTimeout(current.timer);
    current.timer = window.setTimeout(() => {
      current.at = Date.now();
      send({ is: "pointer", x, y });
    }, Math.max(0, current.at + MOVE_MS - Date.now()));
  };
  const onDown = (event: PointerEvent<HTMLDivElement>): void => {
    const spot = viewer.spot(event.clientX, event.clientY);
    if (spot === null) return;
    if (tool === "draw") {
      event.currentTarget.setPointerCapture(event.pointerId);
      line.current = { mine: [at(event)], page: [[spot.x, spot.y]] };
    }
    if (tool === "point") point(spot);
  };
  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (tool !== "point" && line.current === null) return;
    const spot = viewer.spot(event.clientX, event.clientY);
    if (spot === null) return;
    if (tool === "point") return point(spot);
    const drawn = line.current;
    if (drawn === null || drawn.page.length >= MAX_POINTS) return;
    drawn.mine.push(at(event));
    drawn.page.push([spot.x, spot.y]);
    setLines((before) => [...before.filter((l) => l !== before.at(-1) || drawn.mine.length < 3), drawn.mine.join(" ")].slice(-20));
  };
  const onUp = (): void => {
    const drawn = line.current;
    line.current = null;
    if (drawn === null) return;
    send({ is: "stroke", points: drawn.page });
    window.setTimeout(() => setLines((before) => before.slice(1)), FADE_MS);
  };
  const onClick = (event: { clientX: number; clientY: number }): void => {
    const spot = viewer.spot(event.clientX, event.clientY);
    if (spot === null || (tool !== "control" && tool !== "propose")) return;
    setTarget(null);
    if (tool === "propose") return setTarget(targetOf(spot, viewer, "propose"));
    if (spot.node <= 0) return;
    void act(actOf(spot, viewer));
    setTarget(targetOf(spot, viewer, "input"));
  };
  const onWheel = (event: WheelEvent): void => {
    if (tool !== "control") return;
    const from = wheel.current ?? { timer: 0, ...viewer.scroll };
    const next = { x: Math.max(0, from.x + event.deltaX), y: Math.max(0, from.y + event.deltaY) };
    window.clearTimeout(from.timer);
    const timer = window.setTimeout(() => {
      wheel.current = null;
      void act({ is: "scroll", x: Math.round(next.x), y: Math.round(next.y) });
    }, WHEEL_MS);
    wheel.current = { timer, ...next };
  };
  return (
    <div className={s.glass} data-tool={tool} role="presentation" onPointerDown={onDown} onPointerMove={onMove} onPointerUp={onUp}
      onPointerCancel={onUp} onClick={onClick} onWheel={onWheel}>
      <svg aria-hidden="true">{lines.map((points, i) => <polyline key={i} points={points} />)}</svg>
      {target !== null && <Typing key={target.node} target={target} viewer={viewer} act={act} onDone={() => setTarget(null)} />}
    </div>
  );
}

/** A point in the glass itself. */
function at(event: PointerEvent<HTMLDivElement>): string {
  const box = event.currentTarget.getBoundingClientRect();
  return `${Math.round(event.clientX - box.left)},${Math.round(event.clientY - box.top)}`;
}

/** The field under a point, or the one of the label there. Elements of the copy are of another realm. */
function entryOf(element: Element | null): Entry | null {
  const label = element?.closest("label");
  const found = element?.closest("input, textarea, select") ?? label?.querySelector("input, textarea, select") ?? null;
  return found as Entry | null;
}

function isTick(entry: Entry): entry is HTMLInputElement {
  return entry.type === "checkbox" || entry.type === "radio";
}

function takesText(entry: Entry): boolean {
  return !/^(checkbox|radio|submit|button|reset|image|file)$/.test(entry.type);
}

function actOf(spot: Spot, viewer: Viewer): Act {
  const entry = spot.element?.localName === "input" ? (spot.element as HTMLInputElement) : null;
  if (entry !== null && isTick(entry)) return { is: "check", node: viewer.idOf(entry), on: entry.type === "radio" || !entry.checked };
  return { is: "click", node: spot.node };
}

function targetOf(spot: Spot, viewer: Viewer, does: Target["does"]): Target | null {
  const entry = entryOf(spot.element);
  if (entry === null || !takesText(entry)) return null;
  const node = viewer.idOf(entry);
  return node > 0 ? { node, element: entry, does } : null;
}

/** Where the agent types for a field: through to it, or a value that the customer is to accept. */
function Typing({ target, viewer, act, onDone }: {
  target: Target; viewer: Viewer; act: (act: Act) => Promise<void>; onDone: () => void;
}) {
  const { node, element, does } = target;
  const box = useRef<HTMLFormElement>(null);
  const timer = useRef(0);
  // What is hidden stands as stars in the copy: nobody goes on typing those.
  const [value, setValue] = useState(does === "propose" || /^\*+$/.test(element.value) ? "" : element.value);
  useEffect(() => {
    const el = box.current;
    const place = viewer.place(element);
    if (el === null || place === null) return;
    const { clientWidth, clientHeight } = el.parentElement ?? document.documentElement;
    el.style.left = `${Math.max(4, Math.min(place.left, clientWidth - el.offsetWidth - 4))}px`;
    // Beside the field, never over it.
    const below = place.top + place.height + 4;
    const top = below + el.offsetHeight < clientHeight ? below : place.top - el.offsetHeight - 4;
    el.style.top = `${Math.max(4, Math.min(top, clientHeight - el.offsetHeight - 4))}px`;
    el.querySelector("input")?.focus();
  }, [viewer, element]);
  const put = (next: string): void => {
    window.clearTimeout(timer.current);
    void act({ is: does, node, value: next });
  };
  return (
    <form ref={box} className={s.typing} onPointerDown={(e) => e.stopPropagation()} onClick={(e) => e.stopPropagation()}
      onSubmit={(event) => {
        event.preventDefault();
        if (does === "propose" && value === "") return;
        put(value);
        onDone();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}>
      <label>
        {t(does === "propose" ? "collab.propose_value" : "collab.type_here")}
        <input value={value} autoComplete="off" onChange={(event) => {
          const next = event.target.value;
          setValue(next);
          if (does !== "input") return;
          window.clearTimeout(timer.current);
          timer.current = window.setTimeout(() => put(next), INPUT_MS);
        }} />
      </label>
      <Button type="submit" tone="accent">{t(does === "propose" ? "collab.propose_go" : "collab.type_done")}</Button>
    </form>
  );
}
