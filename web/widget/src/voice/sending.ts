/** What this side of a call sends: one voice and at most one camera, owned and stopped here. */
import { microphones, openCamera, openMicrophone, syntheticVoice, type Voice } from './media';
import type { CallState } from './state';

export class Sending {
  /** The customer's own picture. */
  readonly own = new MediaStream();
  #voice: Voice | undefined;
  #camera: MediaStreamTrack | undefined;

  constructor(private readonly synthetic: boolean) {}

  get voice(): MediaStreamTrack | undefined {
    return this.#voice?.track;
  }

  get camera(): MediaStreamTrack | undefined {
    return this.#camera;
  }

  /** Opens the voice, and the camera if it is asked for; what is missing is told, not thrown. */
  async open(video: boolean, mic: string, muted: boolean): Promise<Partial<CallState>> {
    this.stop();
    this.#voice = this.synthetic ? syntheticVoice() : await openMicrophone(mic || undefined);
    this.mute(muted);
    const camera = video ? await openCamera() : undefined;
    this.show(camera);
    const mics = this.synthetic ? [] : await microphones();
    return { listen: !this.#voice.track, problem: this.#voice.problem, camera: camera !== undefined, cameraFailed: video && !camera, mics };
  }

  /** Another microphone; the former one is kept if it cannot be had. */
  async use(mic: string, muted: boolean): Promise<Voice> {
    const voice = await openMicrophone(mic || undefined);
    if (!voice.track) return voice;
    this.#voice?.stop();
    this.#voice = voice;
    this.mute(muted);
    return voice;
  }

  mute(muted: boolean): void {
    if (this.#voice?.track) this.#voice.track.enabled = !muted;
  }

  show(camera: MediaStreamTrack | undefined): void {
    this.#camera?.stop();
    for (const track of this.own.getTracks()) this.own.removeTrack(track);
    if (camera) this.own.addTrack(camera);
    this.#camera = camera;
  }

  stop(): void {
    this.#voice?.stop();
    this.#voice = undefined;
    this.show(undefined);
  }
}
