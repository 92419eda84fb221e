/**
 * The pictures of a shared screen, at either end: a connection of `/ws/rtc` for this collaboration alone, one leg, and a
 * peer connection without sound. The browser always offers; a leg that has lost its connection gets a new one.
 */
import { parse } from './collab';
import { CLOSE } from './wire';

/** `replaced`: another page of the same person has them now. */
export type ScreenLink = 'connecting' | 'up' | 'waiting' | 'replaced';

export interface ScreenSettings {
  /** Where the centre is, `http:` or `https:`. */
  server: string;
  collab: string;
  /** A one-time token for `/ws/rtc`. */
  token(): Promise<string>;
  /** What is shown; whoever has nothing to show looks. */
  track?: MediaStreamTrack;
  changed(): void;
}

const CONNECT_MS = 8_000;
const TROUBLE_MS = 3_000;
const MAX_PAUSE_MS = 8_000;
/** Kilobits more than the server takes are only lost. */
const MAX_BITRATE = 1_500_000;

export class ScreenLeg {
  link: ScreenLink = 'connecting';
  /** What the other end shows; the centre's slate while nothing may be seen. */
  stream: MediaStream | undefined;
  #socket: WebSocket | undefined;
  #pc: RTCPeerConnection | undefined;
  #leg: string | undefined;
  #wanted = false;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #trouble: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly settings: ScreenSettings) {}

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#dial();
  }

  /** Takes leave. */
  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#trouble);
    if (this.#leg !== undefined) this.#send('leg.bye', { leg: this.#leg });
    this.#leg = undefined;
    this.#hang();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  async #dial(): Promise<void> {
    this.#set('connecting');
    let token: string;
    try {
      token = await this.settings.token();
    } catch {
      return this.#later(() => void this.#dial());
    }
    if (!this.#wanted) return;
    const { server, collab } = this.settings;
    const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/ws/rtc`);
    this.#socket = socket;
    const late = setTimeout(() => socket.close(), CONNECT_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', data: { token, collab } }));
    socket.onmessage = (event) => {
      const frame = parse(event.data);
      if (!frame || socket !== this.#socket) return;
      if (frame.type === 'ready') clearTimeout(late);
      this.#take(frame.type, frame.data as Told);
    };
    socket.onclose = (event) => {
      clearTimeout(late);
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  #take(type: string, data: Told): void {
    switch (type) {
      case 'ready':
        this.#leg = data.legs?.[0]?.leg;
        return void this.#offer();
      case 'leg.created':
        this.#leg = data.leg;
        return;
      case 'leg.answer':
        if (data.leg === this.#leg && data.sdp !== undefined) void this.#answered(data.sdp);
        return;
      case 'leg.bye':
        if (data.leg !== this.#leg) return;
        this.#leg = undefined;
        return this.#again();
      case 'error':
        return this.#again();
      default:
    }
  }

  async #offer(): Promise<void> {
    // Without its socket there is nobody to offer to: the next one's `ready` offers.
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    clearTimeout(this.#timer);
    this.#hang();
    const { track, collab } = this.settings;
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#pc = pc;
    // The centre's connection lies in the section for sound, though there is none.
    pc.addTransceiver('audio', { direction: 'inactive' });
    if (track) pc.addTransceiver(track, { direction: 'sendonly', sendEncodings: [{ maxBitrate: MAX_BITRATE }] });
    else pc.addTransceiver('video', { direction: 'recvonly' });
    pc.ontrack = (event) => {
      this.stream = new MediaStream([event.track]);
      this.settings.changed();
    };
    pc.onconnectionstatechange = () => {
      if (pc === this.#pc) this.#moved(pc.connectionState);
    };
    await pc.setLocalDescription();
    if (pc !== this.#pc) return;
    const sdp = pc.localDescription?.sdp ?? '';
    if (this.#leg === undefined) this.#send('leg.offer', { collab, sdp });
    else this.#send('leg.reattach', { leg: this.#leg, sdp });
  }

  async #answered(sdp: string): Promise<void> {
    const pc = this.#pc;
    if (pc?.signalingState !== 'have-local-offer') return;
    try {
      await pc.setRemoteDescription({ type: 'answer', sdp });
    } catch {
      // It answers an offer of before.
      if (pc === this.#pc) this.#again();
    }
  }

  #moved(state: RTCPeerConnectionState): void {
    clearTimeout(this.#trouble);
    if (state === 'connected') {
      this.#attempt = 0;
      return this.#set('up');
    }
    if (state === 'failed') return this.#again();
    if (state !== 'disconnected') return;
    this.#set('waiting');
    this.#trouble = setTimeout(() => void this.#offer(), TROUBLE_MS);
  }

  #closed(code: number): void {
    this.#socket = undefined;
    if (!this.#wanted) return;
    if (code === CLOSE.replaced) {
      this.#wanted = false;
      this.#hang();
      return this.#set('replaced');
    }
    this.#later(() => void this.#dial());
  }

  /** Offers once more, after a pause; while the socket is away that waits for the next one. */
  #again(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#later(() => void this.#offer());
    else this.#set('waiting');
  }

  /** Does something after a pause, each longer than the one before. */
  #later(again: () => void): void {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    const pause = Math.min(MAX_PAUSE_MS, 200 * 1.6 ** this.#attempt) * (0.5 + Math.random() / 2);
    this.#attempt += 1;
    this.#set('waiting');
    this.#timer = setTimeout(again, pause);
  }

  #hang(): void {
    clearTimeout(this.#trouble);
    const pc = this.#pc;
    this.#pc = undefined;
    pc?.close();
  }

  #send(type: string, data: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type, data }));
  }

  #set(link: ScreenLink): void {
    this.link = link;
    this.settings.changed();
  }
}

/** What the frames of `/ws/rtc` carry that concern this leg. */
interface Told { leg?: string; sdp?: string; legs?: { leg: string }[] }
