// The customer's page as the agent sees it: a copy that is rebuilt from what their page tells, in a frame in which
// nothing runs. It knows where a point of the copy lies on the page, and which element is there.
import { EVENT, type Meta } from "@ngcc/share/rr";
import type { RrEvent } from "@ngcc/share/wire";
import { Replayer } from "@rrweb/replay";
import { sanitize } from "./sanitize";
import { FrameStyles } from "./styles";

export type Spot = { x: number; y: number; node: number; element: Element | null };

export type ViewerEvents = {
  /** The size of the customer's window, or their page, has changed. */
  page: (page: { url: string; width: number; height: number }) => void;
};

/** A replayer keeps every event it was given: it is made anew with a snapshot after so many. */
const MAX_KEPT = 3000;

export class Viewer {
  private replayer: Replayer | null = null;
  private styles: FrameStyles | null = null;
  private began = 0;
  private due = 0;
  private count = 0;
  private meta: Meta | null = null;
  private size = { width: 1280, height: 800 };
  scale = 1;

  constructor(private readonly root: HTMLElement, private readonly on: ViewerEvents) {}

  feed(events: RrEvent[]): void {
    for (const event of events) this.take(event);
    this.fit();
  }

  end(): void {
    this.styles?.end();
    this.styles = null;
    this.replayer?.destroy();
    this.replayer = null;
  }

  get frame(): HTMLIFrameElement | null {
    return this.replayer?.iframe ?? null;
  }

  /** Where a point of our own window lies on the customer's page. */
  spot(clientX: number, clientY: number): Spot | null {
    const win = this.frame?.contentWindow;
    if (this.replayer === null || win === null || win === undefined) return null;
    const box = this.replayer.wrapper.getBoundingClientRect();
    const x = (clientX - box.left) / this.scale;
    const y = (clientY - box.top) / this.scale;
    const element = win.document.elementFromPoint(x, y);
    return { x: Math.round(x + win.scrollX), y: Math.round(y + win.scrollY), node: this.replayer.getMirror().getId(element), element };
  }

  /** Where an element of the copy lies in our own window. */
  place(element: Element): { left: number; top: number; width: number; height: number } | null {
    if (this.replayer === null) return null;
    const outer = this.root.getBoundingClientRect();
    const box = this.replayer.wrapper.getBoundingClientRect();
    const at = element.getBoundingClientRect();
    return {
      left: box.left - outer.left + at.left * this.scale, top: box.top - outer.top + at.top * this.scale,
      width: at.width * this.scale, height: at.height * this.scale,
    };
  }

  idOf(element: Element): number {
    return this.replayer?.getMirror().getId(element) ?? -1;
  }

  get scroll(): { x: number; y: number } {
    const win = this.frame?.contentWindow;
    return { x: win?.scrollX ?? 0, y: win?.scrollY ?? 0 };
  }

  /** The copy fills the place there is, and is never larger than the page. */
  fit(): void {
    if (this.replayer === null) return;
    const { clientWidth, clientHeight } = this.root;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.scale = Math.min(1, clientWidth / this.size.width, clientHeight / this.size.height);
    const { style } = this.replayer.wrapper;
    style.transform = `scale(${this.scale})`;
    style.width = `${this.size.width}px`;
    style.height = `${this.size.height}px`;
    style.left = `${Math.max(0, (clientWidth - this.size.width * this.scale) / 2)}px`;
  }

  private take(raw: RrEvent): void {
    const event = sanitize(raw, location.origin);
    if (event === null) return;
    if (event.type === EVENT.meta) {
      this.meta = event.data as Meta;
      this.sized(this.meta.width, this.meta.height);
    }
    if (event.type === EVENT.full && (this.replayer === null || this.count > MAX_KEPT)) this.begin();
    if (event.type === EVENT.full) this.on.page({ url: this.meta?.href ?? "", ...this.size });
    if (this.replayer === null) return;
    this.count += 1;
    // Shown when it comes: the customer's clock and the way here do not matter.
    // Several may come within a tick of the clock: no two are due at once, or their order would be chance.
    this.due = Math.max(this.began + 1 + performance.now(), this.due + 0.001);
    this.replayer.addEvent({ ...event, timestamp: this.due });
  }

  private begin(): void {
    this.end();
    this.root.replaceChildren();
    this.count = 0;
    // Its own clock begins where ours is: an event is due as soon as it is there.
    this.began = 1_000_000;
    const replayer = new Replayer([], {
      root: this.root, liveMode: true, mouseTail: false, useVirtualDom: false, triggerFocus: false, showWarning: false, loadTimeout: 0,
      pauseAnimation: false,
    });
    this.replayer = replayer;
    replayer.iframe.setAttribute("referrerpolicy", "no-referrer");
    replayer.iframe.setAttribute("tabindex", "-1");
    const realm = replayer.iframe.contentWindow as (Window & typeof globalThis) | null;
    if (realm !== null) this.styles = new FrameStyles(realm);
    replayer.on("fullsnapshot-rebuilded", () => {
      this.styles?.renew();
      this.fit();
    });
    replayer.on("resize", (data) => {
      const { width, height } = data as Meta;
      this.sized(width, height);
      this.fit();
    });
    replayer.startLive(this.began + performance.now());
    if (this.meta !== null) replayer.addEvent({ type: EVENT.meta, data: this.meta, timestamp: this.began + 1 + performance.now() });
  }

  private sized(width: number, height: number): void {
    if (!(width > 0) || !(height > 0)) return;
    this.size = { width: Math.min(width, 10_000), height: Math.min(height, 10_000) };
  }
}
