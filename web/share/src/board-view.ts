/** `<ngcc-board>`: a sheet that customer and agent draw on, with the tools for it. */
import { Board, COLOURS, HEIGHT, WIDTH, draw, type Colour, type Point, type Shape, type Tool } from './board';
import type { Collab } from './collab';
import { adopt, h, sheetOf } from './dom';
import { sayer, type Say, type Word } from './words';
import { SharedDoc } from './ydoc';
import css from './board.css?inline';
import './text-view';

const TOOLS: Tool[] = ['pen', 'line', 'rect', 'ellipse', 'text', 'eraser'];
const MARKS: Record<Tool, string> = { pen: '✎', line: '╱', rect: '▭', ellipse: '◯', text: 'T', eraser: '⌫' };
const STEP = 20;
/** The other end sees a shape while it is drawn, at most so often and so much of it. */
const AWARE_MS = 80;
const AWARE_POINTS = 80;

let sheet: CSSStyleSheet | undefined;

export class NgccBoard extends HTMLElement {
  #collab: Collab | undefined;
  #board: Board | undefined;
  #say: Say = sayer('en');
  #tool: Tool = 'pen';
  #colour: Colour = 'black';
  #canvas = h('canvas', { tabindex: '0', role: 'img' });
  #tools = h('div', { class: 'board-tools', role: 'toolbar' });
  #place = h('div', { class: 'board-place' });
  /** What is being drawn here, and what the other is drawing. */
  #drawn: Shape | undefined;
  #theirs: Shape | undefined;
  #cursor: Point = [WIDTH / 2, HEIGHT / 2];
  #keyed = false;
  #told = 0;
  #ends: (() => void)[] = [];
  #due = false;
  /** Whoever looks on draws nothing. */
  #looks = false;

  set collab(collab: Collab) {
    this.#collab = collab;
    if (this.isConnected) this.#begin();
  }

  connectedCallback(): void {
    adopt(this, (sheet ??= sheetOf(css)));
    this.#say = sayer(this.lang || document.documentElement.lang);
    this.#build();
    this.#begin();
  }

  disconnectedCallback(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  /** How many shapes there are. */
  get count(): number {
    return this.#board?.all().length ?? 0;
  }

  #begin(): void {
    const collab = this.#collab;
    if (!collab) return;
    for (const end of this.#ends.splice(0)) end();
    const { doc } = SharedDoc.of(collab);
    const { me } = collab.state;
    this.#looks = me === 'viewer';
    this.#tools.hidden = this.#looks;
    if (this.#looks) this.#canvas.removeAttribute('tabindex');
    const board = new Board(doc, me === 'viewer' ? 'agent' : me);
    this.#board = board;
    const redraw = () => this.#soon();
    const mark = () => this.#marks();
    board.shapes.observe(redraw);
    board.undo.on('stack-item-added', mark);
    board.undo.on('stack-item-popped', mark);
    const resized = new ResizeObserver(redraw);
    resized.observe(this.#place);
    this.#ends = [
      () => board.shapes.unobserve(redraw),
      () => board.undo.destroy(),
      () => resized.disconnect(),
      collab.on('aware', ({ state }) => {
        const shape = (state as { shape?: Shape } | null)?.shape;
        this.#theirs = shape && Array.isArray(shape.points) ? shape : undefined;
        this.#soon();
      }),
    ];
    this.#marks();
    this.#soon();
  }

  #build(): void {
    const say = this.#say;
    this.#tools.setAttribute('aria-label', say('board_tools'));
    const button = (word: Word, mark: string, data: Record<string, string>, run: () => void) => {
      const el = h('button', { type: 'button', 'aria-label': say(word), title: say(word), ...data }, mark);
      el.addEventListener('click', run);
      return el;
    };
    const tools = TOOLS.map((tool) => button(`board_${tool}`, MARKS[tool], { 'data-tool': tool }, () => this.#use(tool)));
    const colours = (Object.keys(COLOURS) as Colour[]).map((colour) =>
      button(`board_${colour}`, '', { 'data-colour': colour }, () => {
        this.#colour = colour;
        this.#marks();
      }));
    this.#tools.replaceChildren(
      h('span', { role: 'group', 'aria-label': say('board_tools') }, ...tools),
      h('span', { role: 'group', 'aria-label': say('board_colours') }, ...colours),
      button('board_undo', '↶', { 'data-do': 'undo' }, () => this.#board?.undo.undo()),
      button('board_redo', '↷', { 'data-do': 'redo' }, () => this.#board?.undo.redo()),
      button('board_clear', '⊘', { 'data-do': 'clear' }, () => this.#board?.removeMine()),
    );
    this.#place.replaceChildren(this.#canvas);
    this.replaceChildren(this.#tools, this.#place);
    this.#canvas.onpointerdown = (e) => this.#down(e);
    this.#canvas.onpointermove = (e) => this.#move(this.#pointOf(e));
    this.#canvas.onpointerup = this.#canvas.onpointercancel = () => this.#up();
    this.#canvas.onkeydown = (e) => this.#key(e);
    this.#canvas.onblur = () => {
      this.#keyed = false;
      this.#soon();
    };
  }

  #use(tool: Tool): void {
    this.#tool = tool;
    this.#marks();
  }

  #marks(): void {
    for (const el of this.#tools.querySelectorAll<HTMLButtonElement>('button')) {
      const { tool, colour, do: does } = el.dataset;
      if (tool !== undefined) el.setAttribute('aria-pressed', String(tool === this.#tool));
      if (colour !== undefined) el.setAttribute('aria-pressed', String(colour === this.#colour));
      if (does === 'undo') el.disabled = !this.#board?.undo.canUndo();
      if (does === 'redo') el.disabled = !this.#board?.undo.canRedo();
    }
  }

  #pointOf(event: PointerEvent): Point {
    const box = this.#canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
  }

  #down(event: PointerEvent): void {
    if (this.#looks) return;
    const at = this.#pointOf(event);
    this.#keyed = false;
    if (this.#tool === 'text') {
      // The click would take the focus from the text that it asks for.
      event.preventDefault();
      return this.#write(at);
    }
    this.#canvas.setPointerCapture(event.pointerId);
    this.#start(at);
  }

  #start(at: Point): void {
    if (this.#tool === 'text') return this.#write(at);
    this.#drawn = { id: '', by: 'customer', is: this.#tool === 'eraser' ? 'pen' : this.#tool, colour: this.#colour, points: [at] };
    if (this.#tool === 'eraser') this.#board?.erase(at);
    this.#soon();
  }

  #move(at: Point): void {
    const drawn = this.#drawn;
    if (!drawn) return;
    if (this.#tool === 'eraser') return void this.#board?.erase(at);
    drawn.points = drawn.is === 'pen' ? [...drawn.points, at] : [drawn.points[0] ?? at, at];
    this.#soon();
    const now = Date.now();
    if (now - this.#told < AWARE_MS) return;
    this.#told = now;
    const points = drawn.points.slice(-AWARE_POINTS).map(([x, y]): Point => [Math.round(x), Math.round(y)]);
    this.#collab?.tell('aware', { state: { shape: { ...drawn, points } } });
  }

  #up(): void {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    if (!drawn || this.#tool === 'eraser') return;
    this.#board?.add({ is: drawn.is, colour: drawn.colour, points: drawn.points });
    this.#collab?.tell('aware', { state: {} });
  }

  /** Arrow keys move a cross, space begins and ends a shape or places a text. */
  #key(event: KeyboardEvent): void {
    if (this.#looks) return;
    const by: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = by[event.key];
    const undo = (event.ctrlKey || event.metaKey) && event.code === 'KeyZ';
    if (!step && event.key !== ' ' && event.key !== 'Escape' && !undo) return;
    event.preventDefault();
    if (undo) return void (event.shiftKey ? this.#board?.undo.redo() : this.#board?.undo.undo());
    this.#keyed = true;
    if (event.key === 'Escape') this.#drawn = undefined;
    else if (event.key === ' ') {
      if (this.#drawn) this.#up();
      else this.#start(this.#cursor);
    } else if (step) {
      const [x, y] = this.#cursor;
      this.#cursor = [Math.max(0, Math.min(WIDTH, x + step[0] * STEP)), Math.max(0, Math.min(HEIGHT, y + step[1] * STEP))];
      this.#move(this.#cursor);
    }
    this.#soon();
  }

  #write(at: Point): void {
    this.#place.querySelector('input')?.remove();
    const input = h('input', { class: 'write', 'aria-label': this.#say('board_write'), placeholder: this.#say('board_write'), maxlength: '400' });
    input.style.left = `${Math.min(80, (at[0] / WIDTH) * 100)}%`;
    input.style.top = `${(at[1] / HEIGHT) * 100}%`;
    let done = false;
    const end = (keep: boolean) => {
      if (done) return;
      done = true;
      if (keep) this.#board?.add({ is: 'text', colour: this.#colour, points: [at], text: input.value });
      input.remove();
    };
    input.onkeydown = (e) => {
      if (e.isComposing || e.keyCode === 229) return;
      if (e.key === 'Enter' || e.key === 'Escape') {
        e.stopPropagation();
        end(e.key === 'Enter');
        this.#canvas.focus();
      }
    };
    input.onblur = () => end(true);
    this.#place.append(input);
    input.focus();
  }

  #soon(): void {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#paint();
    });
  }

  #paint(): void {
    const shapes = this.#board?.all() ?? [];
    this.#canvas.setAttribute('aria-label', this.#say(this.#looks ? 'board_canvas_seen' : 'board_canvas', { n: shapes.length }));
    this.dataset['count'] = String(shapes.length);
    const { clientWidth, clientHeight } = this.#place;
    const scale = Math.min(clientWidth / WIDTH, clientHeight / HEIGHT);
    const to = this.#canvas.getContext('2d');
    if (!to || !(scale > 0)) return;
    const dense = scale * Math.min(devicePixelRatio || 1, 2);
    this.#canvas.style.width = `${WIDTH * scale}px`;
    this.#canvas.style.height = `${HEIGHT * scale}px`;
    this.#canvas.width = Math.round(WIDTH * dense);
    this.#canvas.height = Math.round(HEIGHT * dense);
    to.setTransform(dense, 0, 0, dense, 0, 0);
    to.fillStyle = '#fff';
    to.fillRect(0, 0, WIDTH, HEIGHT);
    const live = [this.#theirs, this.#tool === 'eraser' ? undefined : this.#drawn].filter((s) => s !== undefined);
    draw(to, [...shapes, ...live]);
    if (this.#keyed) this.#cross(to);
  }

  #cross(to: CanvasRenderingContext2D): void {
    const [x, y] = this.#cursor;
    to.strokeStyle = '#0b63c5';
    to.lineWidth = 3;
    to.beginPath();
    to.moveTo(x - 16, y);
    to.lineTo(x + 16, y);
    to.moveTo(x, y - 16);
    to.lineTo(x, y + 16);
    to.stroke();
  }
}

if (!customElements.get('ngcc-board')) customElements.define('ngcc-board', NgccBoard);
