/** One peer connection of a call. The browser always offers; a leg that is reattached gets a new one of these. */

export interface PeerEvents {
  candidate(candidate: string): unknown;
  state(state: 'connected' | 'troubled' | 'failed'): unknown;
  track(track: MediaStreamTrack): unknown;
}

const COUNTED = [
  'bytesReceived', 'packetsReceived', 'packetsLost', 'audioLevel', 'totalAudioEnergy', 'framesDecoded', 'bytesSent', 'packetsSent', 'framesEncoded',
];

/** How long ICE may be disconnected before the leg is reattached. */
const TROUBLE_MS = 3000;

export class Peer {
  readonly pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  #audio: RTCRtpTransceiver;
  #video: RTCRtpTransceiver | undefined;
  #trouble: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `watches`: the other side's picture is received, whether or not a camera is sent. */
  constructor(voice: MediaStreamTrack | undefined, camera: MediaStreamTrack | undefined, watches: boolean, on: PeerEvents) {
    this.#audio = this.pc.addTransceiver(voice ?? 'audio', { direction: voice ? 'sendrecv' : 'recvonly' });
    if (camera) this.#video = this.pc.addTransceiver(camera, { direction: 'sendrecv' });
    else if (watches) this.watch();
    this.pc.onicecandidate = (e) => on.candidate(e.candidate?.candidate ?? '');
    this.pc.ontrack = (e) => on.track(e.track);
    this.pc.onconnectionstatechange = () => {
      clearTimeout(this.#trouble);
      if (this.#closed) return;
      const { connectionState: state } = this.pc;
      if (state === 'connected') on.state('connected');
      if (state === 'failed') on.state('failed');
      if (state !== 'disconnected') return;
      on.state('troubled');
      this.#trouble = setTimeout(() => on.state('failed'), TROUBLE_MS);
    };
  }

  async offer(): Promise<string> {
    await this.pc.setLocalDescription();
    return this.pc.localDescription?.sdp ?? '';
  }

  /** Takes the answer to our offer; a late or second one is none. */
  async answered(sdp: string): Promise<void> {
    if (this.pc.signalingState === 'have-local-offer') await this.pc.setRemoteDescription({ type: 'answer', sdp });
  }

  /** The offer was refused: as before it. */
  async rolledBack(): Promise<void> {
    if (this.pc.signalingState === 'have-local-offer') await this.pc.setLocalDescription({ type: 'rollback' });
  }

  async replaceVoice(track: MediaStreamTrack | null): Promise<void> {
    await this.#audio.sender.replaceTrack(track);
  }

  /** Sends the camera, or no longer; the other side's picture is still received. An offer must follow. */
  async setCamera(track: MediaStreamTrack | undefined): Promise<void> {
    if (!this.#video) {
      if (track) this.#video = this.pc.addTransceiver(track, { direction: 'sendrecv' });
      return;
    }
    await this.#video.sender.replaceTrack(track ?? null);
    this.#video.direction = track ? 'sendrecv' : 'recvonly';
  }

  /** Gives the other side's picture a place, if it has none; whether an offer must follow. */
  watch(): boolean {
    if (this.#video) return false;
    this.#video = this.pc.addTransceiver('video', { direction: 'recvonly' });
    return true;
  }

  /** The loudness of what is sent, 0 to 1. */
  async level(): Promise<number> {
    for (const s of (await this.#audio.sender.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (s['type'] === 'media-source' && typeof s['audioLevel'] === 'number') return s['audioLevel'];
    }
    return 0;
  }

  /** What the browser has counted, by medium and name. */
  async report(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const s of (await this.pc.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (s['type'] !== 'inbound-rtp' && s['type'] !== 'outbound-rtp') continue;
      for (const name of COUNTED) if (typeof s[name] === 'number') found[`${String(s['kind'])}.${name}`] = s[name];
    }
    return found;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#trouble);
    this.pc.close();
  }
}
