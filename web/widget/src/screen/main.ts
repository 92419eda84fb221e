/** What the customer shows of their screen: chosen by the browser's own dialog, sent, paused, ended. */
import { ScreenLeg } from '@ngcc/share/screen';
import type { Lang } from '../i18n';
import { say, type ScreenWord } from './words';

export interface ScreenEnv {
  server: string;
  collab: string;
  token(): Promise<string>;
  changed(): void;
  /** The customer has ended it by the browser's own means. */
  ended(): void;
}

/** Text is to be read: what moves may be slow. */
const WANTED: DisplayMediaStreamOptions & { selfBrowserSurface: string; surfaceSwitching: string } = {
  video: { width: { max: 1920 }, height: { max: 1200 }, frameRate: { ideal: 10, max: 15 } },
  audio: false,
  selfBrowserSurface: 'include',
  surfaceSwitching: 'include',
};

export class Screen {
  #track: MediaStreamTrack | undefined;
  #leg: ScreenLeg | undefined;
  #choosing = false;
  #over = false;

  constructor(readonly env: ScreenEnv) {}

  get shows(): boolean {
    return this.#track !== undefined;
  }

  /** Whether this tab has shown the screen in this collaboration before it was loaded anew. */
  get before(): boolean {
    return sessionStorage.getItem(this.#key) !== null;
  }

  say(lang: Lang, word: ScreenWord, name: string): string {
    return say(lang, word, name);
  }

  /** Lets the customer choose what to show; to be called in an act of theirs. False: they have not. */
  async choose(): Promise<boolean> {
    if (this.#choosing || this.#track) return false;
    this.#choosing = true;
    let track: MediaStreamTrack | undefined;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(WANTED);
      track = stream.getVideoTracks()[0];
    } catch {
      // They have closed the dialog, or their system forbids it: the question stays.
    }
    this.#choosing = false;
    if (!track) return false;
    if (this.#over) {
      track.stop();
      return false;
    }
    track.contentHint = 'detail';
    track.onended = () => this.env.ended();
    this.#track = track;
    sessionStorage.setItem(this.#key, '1');
    const { server, collab, token, changed } = this.env;
    this.#leg = new ScreenLeg({ server, collab, token, changed, track });
    this.#leg.start();
    return true;
  }

  /** Nothing of it leaves the page while it is paused. */
  pause(on: boolean): void {
    if (this.#track) this.#track.enabled = !on;
  }

  end(): void {
    this.#over = true;
    sessionStorage.removeItem(this.#key);
    this.#leg?.stop();
    if (this.#track) this.#track.onended = null;
    this.#track?.stop();
    this.#track = undefined;
  }

  get #key(): string {
    return `ngcc.screen.${this.env.collab}`;
  }
}
