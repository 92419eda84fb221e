/** What comes from the other side: the sound is played here, the picture is shown by who takes `remote`. */
import type { CallState } from './state';

export class Ear {
  readonly remote = new MediaStream();
  #audio = new Audio();

  constructor(private readonly told: (change: Partial<CallState>) => void) {
    this.#audio.autoplay = true;
    this.#audio.srcObject = this.remote;
  }

  add(track: MediaStreamTrack): void {
    this.remote.addTrack(track);
    if (track.kind === 'audio') return this.play();
    const seen = () => this.told({ picture: !track.muted && track.readyState === 'live' });
    track.onmute = track.onunmute = track.onended = seen;
    seen();
  }

  /** A browser plays nothing before the first click of a page: then the customer is asked for one. */
  play(): void {
    this.#audio.play().then(
      () => this.told({ silenced: false }),
      () => {
        if (this.remote.getAudioTracks().length === 0) return;
        this.told({ silenced: true });
        addEventListener('pointerdown', () => this.play(), { once: true });
      },
    );
  }

  clear(): void {
    for (const track of this.remote.getTracks()) this.remote.removeTrack(track);
    this.told({ picture: false });
  }
}
