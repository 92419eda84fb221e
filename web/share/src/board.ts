/** What stands on a whiteboard, as a list of shapes in a Yjs document: drawn, erased, undone. */
import * as Y from 'yjs';
import type { End } from './wire';

/** The sheet has this size whatever the window has. */
export const WIDTH = 1600;
export const HEIGHT = 1000;

export type Tool = 'pen' | 'line' | 'rect' | 'ellipse' | 'text' | 'eraser';
export type Point = [number, number];
export interface Shape { id: string; by: End; is: Exclude<Tool, 'eraser'>; colour: string; points: Point[]; text?: string }

export const COLOURS = { black: '#18212b', red: '#c0322b', blue: '#0b63c5', green: '#18794a', orange: '#b86200' } as const;
export type Colour = keyof typeof COLOURS;

/** The most points of a stroke, and letters of a text. */
const MAX_POINTS = 4000;
const MAX_TEXT = 400;
const REACH = 14;
const TEXT_SIZE = 32;

export class Board {
  readonly shapes: Y.Array<Shape>;
  readonly undo: Y.UndoManager;
  readonly #mine = Symbol('mine');

  constructor(readonly doc: Y.Doc, readonly me: End) {
    this.shapes = doc.getArray<Shape>('shapes');
    // Only what was done here: nobody takes back what the other has drawn.
    this.undo = new Y.UndoManager(this.shapes, { trackedOrigins: new Set([this.#mine]), captureTimeout: 0 });
  }

  all(): Shape[] {
    return this.shapes.toArray().filter(isShape);
  }

  add(shape: Omit<Shape, 'id' | 'by'>): void {
    const points = simplified(shape.points.map(([x, y]): Point => [Math.round(x), Math.round(y)])).slice(0, MAX_POINTS);
    if (points.length === 0 || (shape.is === 'text' && !shape.text?.trim())) return;
    const text = shape.text === undefined ? {} : { text: shape.text.slice(0, MAX_TEXT) };
    this.doc.transact(() => this.shapes.push([{ ...shape, ...text, points, id: key(), by: this.me }]), this.#mine);
  }

  /** Removes what the eraser touches; says whether it was anything. */
  erase(at: Point): boolean {
    return this.#remove((shape) => touches(shape, at));
  }

  removeMine(): void {
    this.#remove((shape) => shape.by === this.me);
  }

  #remove(which: (shape: Shape) => boolean): boolean {
    const gone = this.shapes.toArray().flatMap((shape, n) => (isShape(shape) && which(shape) ? [n] : []));
    if (gone.length === 0) return false;
    this.doc.transact(() => {
      for (const n of gone.reverse()) this.shapes.delete(n, 1);
    }, this.#mine);
    return true;
  }
}

/** What the other end has put there need not be a shape. */
function isShape(value: unknown): value is Shape {
  const shape = value as Partial<Shape> | null;
  return typeof shape === 'object' && shape !== null && typeof shape.is === 'string' && Array.isArray(shape.points)
    && shape.points.every((p) => Array.isArray(p) && Number.isFinite(p[0]) && Number.isFinite(p[1]));
}

/** Without the points that are next to where they came from. */
function simplified(points: Point[]): Point[] {
  const kept: Point[] = [];
  points.forEach((p, n) => {
    const last = kept.at(-1);
    if (!last || n === points.length - 1 || Math.hypot(p[0] - last[0], p[1] - last[1]) >= 2) kept.push(p);
  });
  return kept;
}

export function touches(shape: Shape, [x, y]: Point): boolean {
  const [a, b] = boxOf(shape);
  if (x < a[0] - REACH || x > b[0] + REACH || y < a[1] - REACH || y > b[1] + REACH) return false;
  if (shape.is === 'text') return true;
  if (shape.is === 'rect' || shape.is === 'ellipse') {
    const inside = x > a[0] + REACH && x < b[0] - REACH && y > a[1] + REACH && y < b[1] - REACH;
    return shape.is === 'rect' ? !inside : onEllipse(a, b, x, y);
  }
  return shape.points.some((p, n) => distance([x, y], shape.points[n - 1] ?? p, p) <= REACH);
}

export function boxOf(shape: Shape): [Point, Point] {
  const xs = shape.points.map((p) => p[0]);
  const ys = shape.points.map((p) => p[1]);
  const low: Point = [Math.min(...xs), Math.min(...ys)];
  const high: Point = [Math.max(...xs), Math.max(...ys)];
  if (shape.is !== 'text') return [low, high];
  // About as wide as it is drawn; Chinese letters are twice as wide.
  const wide = [...(shape.text ?? '')].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? TEXT_SIZE : TEXT_SIZE * 0.55), 0);
  return [[low[0], low[1] - TEXT_SIZE], [low[0] + wide, low[1]]];
}

function onEllipse(a: Point, b: Point, x: number, y: number): boolean {
  const [rx, ry] = [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2];
  if (rx < REACH || ry < REACH) return true;
  const r = Math.hypot((x - a[0] - rx) / rx, (y - a[1] - ry) / ry);
  return Math.abs(r - 1) <= REACH / Math.min(rx, ry);
}

/** Of a point from a segment. */
function distance(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const long = dx * dx + dy * dy;
  const t = long === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / long));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}

function key(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, '0')).join('');
}

export function draw(to: CanvasRenderingContext2D, shapes: readonly Shape[]): void {
  to.lineCap = 'round';
  to.lineJoin = 'round';
  for (const shape of shapes) {
    const [first, ...rest] = shape.points;
    const last = shape.points.at(-1);
    if (!first || !last) continue;
    to.strokeStyle = to.fillStyle = COLOURS[shape.colour as Colour] ?? COLOURS.black;
    to.lineWidth = 5;
    to.beginPath();
    switch (shape.is) {
      case 'pen':
      case 'line':
        to.moveTo(...first);
        for (const p of rest.length > 0 ? rest : [first]) to.lineTo(...p);
        break;
      case 'rect':
        to.rect(first[0], first[1], last[0] - first[0], last[1] - first[1]);
        break;
      case 'ellipse':
        to.ellipse((first[0] + last[0]) / 2, (first[1] + last[1]) / 2, Math.abs(last[0] - first[0]) / 2, Math.abs(last[1] - first[1]) / 2, 0, 0, 2 * Math.PI);
        break;
      case 'text':
        to.font = `${TEXT_SIZE}px -apple-system, "Segoe UI", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif`;
        to.fillText(shape.text ?? '', first[0], first[1]);
        break;
    }
    to.stroke();
  }
}
