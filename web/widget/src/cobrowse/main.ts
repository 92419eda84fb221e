/** The shared page: recorded while the customer consents and does not pause, acted on as far as they allow. */
import type { Collab } from '@ngcc/share/collab';
import type { Act } from '@ngcc/share/wire';
import { OwnHand, enter, perform, takesProposal } from './acts';
import { Overlay } from './overlay';
import { Recorder } from './recorder';

export interface Proposal { n: number; field: Element; value: string; accept(): boolean }
export interface Opening { n: number; url: URL }

export interface CobrowseSettings {
  collab: Collab;
  /** The widget's element: its own buttons are not the page's. */
  host: Element;
  layer: Node;
  name(): string;
  /** Something that the customer is to answer. */
  propose(proposal: Proposal): void;
  open(opening: Opening): void;
}

export class Cobrowse {
  #recorder: Recorder;
  #overlay: Overlay;
  #own = new OwnHand();
  #ends: (() => void)[];
  #link = '';

  constructor(private readonly settings: CobrowseSettings) {
    const { collab, host, layer } = settings;
    this.#recorder = new Recorder((events) => collab.tell('rr', { events }));
    this.#overlay = new Overlay(layer);
    this.#ends = [
      this.#own.watch(host),
      collab.subscribe(() => this.#follow()),
      collab.on('snap', () => this.#recorder.snap()),
      collab.on('act', ({ n, act }) => this.#act(n, act)),
    ];
    this.#follow();
  }

  end(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#recorder.stop();
    this.#overlay.end();
  }

  /** Records exactly while it is wanted; every new connection begins with a snapshot of its own. */
  #follow(): void {
    const { link, consents, paused } = this.settings.collab.state;
    const wanted = link === 'up' && consents.view && !paused;
    if (!wanted || this.#link !== link) this.#recorder.stop();
    this.#link = link;
    if (wanted) this.#recorder.start();
    if (!consents.pointer || !wanted) this.#overlay.clear();
  }

  #act(n: number, act: Act): void {
    const { collab } = this.settings;
    const { consents, paused } = collab.state;
    if (paused || !consents.view) return;
    switch (act.is) {
      case 'pointer':
        if (consents.pointer) this.#overlay.point(act.x, act.y, this.settings.name());
        return;
      case 'stroke':
        if (consents.pointer) this.#overlay.stroke(act.points);
        return;
      case 'clear':
        return this.#overlay.clear();
      case 'propose':
        return this.#propose(n, act.node, act.value);
      case 'open':
        return this.#open(n, act.url);
      default: {
        const done = perform(act, consents, this.#own, (id) => this.#recorder.node(id));
        if (done === 'over' && 'node' in act) collab.tell('over', { node: act.node });
      }
    }
  }

  #propose(n: number, node: number, value: string): void {
    const field = this.#recorder.node(node);
    if (!takesProposal(field) || typeof value !== 'string') return this.answer(n, false);
    this.settings.propose({ n, field, value, accept: () => enter(field, value) });
  }

  #open(n: number, text: string): void {
    let url: URL;
    try {
      url = new URL(text, location.href);
    } catch {
      return this.answer(n, false);
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return this.answer(n, false);
    this.settings.open({ n, url });
  }

  answer(n: number, taken: boolean): void {
    this.settings.collab.tell('answer', { act: n, taken });
  }
}
