/** What the agent points at and draws, over the page and never in it. */

const STROKE_MS = 4000;
const DOT_MS = 6000;
const MAX_STROKES = 60;
const MAX_POINTS = 2000;
const SVG = 'http://www.w3.org/2000/svg';

export class Overlay {
  #box = document.createElement('div');
  #ink = document.createElementNS(SVG, 'g');
  #dot = document.createElement('div');
  #name = document.createElement('span');
  #at: [number, number] | undefined;
  #gone: ReturnType<typeof setTimeout> | undefined;

  constructor(layer: Node) {
    this.#box.className = 'ink';
    this.#box.setAttribute('aria-hidden', 'true');
    const svg = document.createElementNS(SVG, 'svg');
    svg.append(this.#ink);
    this.#dot.className = 'dot';
    this.#dot.hidden = true;
    this.#dot.append(this.#name);
    this.#box.append(svg, this.#dot);
    layer.appendChild(this.#box);
    addEventListener('scroll', this.#place, { passive: true });
    this.#place();
  }

  end(): void {
    removeEventListener('scroll', this.#place);
    clearTimeout(this.#gone);
    this.#box.remove();
  }

  point(x: number, y: number, name: string): void {
    if (!finite(x, y)) return;
    this.#at = [x, y];
    this.#name.textContent = name;
    this.#dot.hidden = false;
    clearTimeout(this.#gone);
    this.#gone = setTimeout(() => (this.#dot.hidden = true), DOT_MS);
    this.#place();
  }

  stroke(points: [number, number][]): void {
    const whole = points.slice(0, MAX_POINTS).filter((p) => Array.isArray(p) && finite(p[0], p[1]));
    if (whole.length === 0) return;
    const line = document.createElementNS(SVG, 'polyline');
    // A single point is a line of no length: round ends draw it.
    const drawn = whole.length === 1 ? [...whole, ...whole] : whole;
    line.setAttribute('points', drawn.map(([x, y]) => `${x},${y}`).join(' '));
    this.#ink.append(line);
    while (this.#ink.childElementCount > MAX_STROKES) this.#ink.firstElementChild?.remove();
    setTimeout(() => line.remove(), STROKE_MS);
  }

  clear(): void {
    this.#ink.replaceChildren();
    this.#dot.hidden = true;
  }

  /** Keeps what is drawn where it was drawn while the page scrolls. */
  #place = (): void => {
    this.#ink.setAttribute('transform', `translate(${-scrollX} ${-scrollY})`);
    if (this.#at) this.#dot.style.transform = `translate(${this.#at[0] - scrollX}px, ${this.#at[1] - scrollY}px)`;
  };
}

function finite(x: unknown, y: unknown): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}
