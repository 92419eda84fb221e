/**
 * A call of the customer's: its stage, and the way back to it. The leg outlives its socket and its peer connection for
 * 30 s at the centre, so whatever breaks here (network, reload, page change, server) is mended with `leg.reattach`.
 */
import { browserLocks, Lead } from '../core/lead';
import * as storage from '../core/storage';
import type { Translate } from '../i18n';
import type { RtcFrame, Status } from '../wire';
import { microphones, openCamera, openMicrophone, syntheticVoice, type MicProblem, type Voice } from './media';
import { Peer } from './peer';
import { bars, counts, type Counts } from './quality';
import { Signal } from './signal';
import { says } from './words';

export type Stage = 'idle' | 'asking' | 'connecting' | 'ringing' | 'up' | 'reconnecting' | 'ended';

export interface CallState {
  stage: Stage;
  leg?: string | undefined;
  status?: Status | undefined;
  /** When it was answered, in this page's time. */
  since?: number | undefined;
  muted: boolean;
  listen: boolean;
  problem?: MicProblem | undefined;
  digits: string;
  keypad: boolean;
  camera: boolean;
  cameraFailed: boolean;
  picture: boolean;
  level: number;
  bars: 0 | 1 | 2 | 3;
  mics: { id: string; label: string }[];
  mic: string;
  /** Another tab has the call. */
  elsewhere: boolean;
  /** The browser plays nothing before a click. */
  silenced: boolean;
  ended?: 'bye' | 'lost' | 'refused' | 'blocked' | undefined;
}

export interface CallSettings {
  server: string;
  entry: string;
  synthetic: boolean;
  name(): string | undefined;
  /** The session of the chat that the call joins. */
  beside(): string | undefined;
  token(): Promise<string>;
}

/** Longer than the centre keeps a leg that nobody comes back to. */
const GIVE_UP_MS = 35_000;
const MAX_DIGITS = 64;
const LEVEL_MS = 250;

export class Call {
  state: CallState = {
    stage: 'idle', muted: false, listen: false, digits: '', keypad: false, camera: false, cameraFailed: false, picture: false, level: 0, bars: 0,
    mics: [], mic: storage.chosen('mic') ?? '', elsewhere: false, silenced: false,
  };
  readonly remote = new MediaStream();
  readonly own = new MediaStream();
  #listeners = new Set<() => void>();
  #signal: Signal;
  #lead: Lead;
  #peer: Peer | undefined;
  #voice: Voice | undefined;
  #camera: MediaStreamTrack | undefined;
  #audio = new Audio();
  #candidates: string[] = [];
  #epoch: string | number | undefined;
  /** Whether this peer connection was ever connected. */
  #connected = false;
  /** An offer is on its way: for a new call, to come back, to change the media. */
  #offering: 'new' | 'back' | 'change' | undefined;
  #changeAgain = false;
  #bye: string | undefined;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  #meter: ReturnType<typeof setInterval> | undefined;
  #counted: Counts | undefined;
  #ticks = 0;

  constructor(private readonly settings: CallSettings) {
    this.#audio.autoplay = true;
    this.#audio.srcObject = this.remote;
    this.#signal = new Signal(settings.server, () => settings.token(), {
      frame: (frame) => this.#frame(frame),
      lost: () => this.#troubled(),
      replaced: () => this.#taken(),
    });
    this.#lead = new Lead(`ngcc-call:${settings.server}:${settings.entry}`, browserLocks(), (role) => {
      if (role === 'waiting') this.#taken();
    });
    addEventListener('storage', () => {
      if (this.state.elsewhere && !storage.entry(settings.entry).call) this.#set({ elsewhere: false });
    });
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  words(t: Translate): string {
    return says(this.state, t);
  }

  /** Dials the entry. */
  async start(video: boolean): Promise<void> {
    if (this.#busy()) return;
    this.#lead.take();
    this.#reset();
    this.#set({ stage: 'asking', leg: undefined, status: undefined, since: undefined, digits: '', keypad: false, ended: undefined, elsewhere: false, muted: false });
    await this.#openMedia(video);
    if (this.state.stage !== 'asking') return this.#stopMedia();
    this.#set({ stage: 'connecting' });
    this.#watch();
    this.#offering = 'new';
    this.#signal.connect();
  }

  /** Takes up the call that the page before this one had. */
  async comeBack(): Promise<void> {
    if (this.#busy()) return;
    const stored = storage.entry(this.settings.entry).call;
    if (!stored) return;
    if (!(await this.#lead.tryNow())) return this.#set({ elsewhere: true });
    await this.#resume();
  }

  /** Takes the call away from another tab. */
  async bringHere(): Promise<void> {
    this.#lead.take();
    await this.#resume();
  }

  hangUp(): void {
    if (!this.#busy()) return;
    const { leg } = this.state;
    if (leg) this.#bye = leg;
    this.#end('bye');
    if (leg && this.#signal.send({ type: 'leg.bye', data: { leg } })) return;
    // Without a leg there is nothing to say; with one it is said as soon as the socket is back.
    if (!leg) this.#signal.disconnect();
  }

  /** Forgets a call that has ended. */
  close(): void {
    if (this.#busy()) this.hangUp();
    this.#set({ stage: 'idle', ended: undefined });
  }

  key(digit: string): void {
    const { leg, digits } = this.state;
    if (!leg || !/^[0-9*#]$/.test(digit) || !this.#signal.send({ type: 'leg.key', data: { leg, digit } })) return;
    this.#set({ digits: (digits + digit).slice(-MAX_DIGITS) });
  }

  keypad(open: boolean): void {
    this.#set({ keypad: open });
  }

  mute(muted: boolean): void {
    if (this.#voice?.track) this.#voice.track.enabled = !muted;
    this.#set({ muted });
    this.#store();
  }

  async useMicrophone(id: string): Promise<void> {
    storage.choose('mic', id);
    this.#set({ mic: id });
    const voice = await openMicrophone(id || undefined);
    if (!voice.track) return this.#set({ problem: voice.problem });
    voice.track.enabled = !this.state.muted;
    await this.#peer?.replaceVoice(voice.track);
    this.#voice?.stop();
    this.#voice = voice;
    this.#set({ problem: undefined });
  }

  async camera(on: boolean): Promise<void> {
    if (!this.#peer || (on && this.#camera)) return;
    const track = on ? await openCamera() : undefined;
    if (on && !track) return this.#set({ cameraFailed: true });
    this.#show(track);
    await this.#peer.setCamera(track);
    this.#store();
    await this.#change();
  }

  /** The click that lets the browser play. */
  hear(): void {
    this.#audio.play().then(
      () => this.#set({ silenced: false }),
      () => this.#set({ silenced: true }),
    );
  }

  async report(): Promise<Record<string, number> | undefined> {
    if (!this.#peer) return undefined;
    const sums: Record<string, number> = {};
    for (const s of (await this.#peer.pc.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (s['type'] !== 'inbound-rtp' && s['type'] !== 'outbound-rtp') continue;
      for (const name of ['bytesReceived', 'packetsReceived', 'packetsLost', 'audioLevel', 'totalAudioEnergy', 'framesDecoded', 'bytesSent', 'packetsSent', 'framesEncoded']) {
        if (typeof s[name] === 'number') sums[`${String(s['kind'])}.${name}`] = s[name];
      }
    }
    return sums;
  }

  #busy(): boolean {
    return this.state.stage !== 'idle' && this.state.stage !== 'ended';
  }

  async #resume(): Promise<void> {
    const stored = storage.entry(this.settings.entry).call;
    if (!stored) return this.#set({ elsewhere: false });
    this.#reset();
    this.#set({ stage: 'reconnecting', leg: stored.leg, elsewhere: false, muted: stored.muted ?? false });
    await this.#openMedia(stored.video ?? false);
    if (this.state.stage !== 'reconnecting') return this.#stopMedia();
    this.#watch();
    this.#offering = 'back';
    this.#signal.connect();
  }

  async #openMedia(video: boolean): Promise<void> {
    const { synthetic } = this.settings;
    this.#voice = synthetic ? syntheticVoice() : await openMicrophone(this.state.mic || undefined);
    if (this.#voice.track) this.#voice.track.enabled = !this.state.muted;
    const camera = video ? await openCamera() : undefined;
    this.#show(camera);
    const mics = synthetic ? [] : await microphones();
    this.#set({ listen: !this.#voice.track, problem: this.#voice.problem, cameraFailed: video && !camera, mics });
  }

  #frame(frame: RtcFrame): void {
    switch (frame.type) {
      case 'ready':
        return void this.#ready(frame.data);
      case 'leg.created':
        if (this.#bye || this.#offering !== 'new') return void this.#signal.send({ type: 'leg.bye', data: { leg: frame.data.leg } });
        this.#set({ leg: frame.data.leg });
        this.#store();
        for (const candidate of this.#candidates.splice(0)) this.#signal.send({ type: 'leg.candidate', data: { leg: frame.data.leg, candidate } });
        return;
      case 'error':
        return void this.#refused(frame.data.leg);
      case 'leg.bye':
        return this.#byeOf(frame.data.leg, frame.data.cause);
      case 'leg.answer':
        if (frame.data.leg === this.state.leg) void this.#answered(frame.data.sdp);
        return;
      case 'leg.ringing':
        if (frame.data.leg === this.state.leg && this.state.stage === 'connecting') this.#set({ stage: 'ringing' });
        return;
      case 'leg.up':
        if (frame.data.leg === this.state.leg) this.#up();
        return;
      case 'leg.status':
        if (frame.data.leg === this.state.leg) this.#stands(frame.data.status);
    }
  }

  async #ready(data: { epoch: string | number; legs: { leg: string; state: 'calling' | 'up' }[] }): Promise<void> {
    const restarted = this.#epoch !== undefined && this.#epoch !== data.epoch;
    this.#epoch = data.epoch;
    if (this.#bye) {
      if (data.legs.some((l) => l.leg === this.#bye)) this.#signal.send({ type: 'leg.bye', data: { leg: this.#bye } });
      else this.#byeOf(this.#bye, '');
      return;
    }
    if (this.#offering === 'new' && this.state.leg === undefined) return this.#dial();
    const leg = data.legs.find((l) => l.leg === this.state.leg);
    if (!leg) return this.#end('lost');
    if (restarted || this.#offering || this.#peer?.pc.connectionState !== 'connected') return this.#reattach();
    this.#well();
  }

  async #dial(): Promise<void> {
    const sdp = await this.#newPeer().offer();
    const { entry } = this.settings;
    this.#signal.send({ type: 'leg.offer', id: 'new', data: { sdp, entry, name: this.settings.name(), beside: this.settings.beside() } });
  }

  async #reattach(): Promise<void> {
    if (!this.#signal.open || !this.#busy()) return;
    this.#offering = 'back';
    if (this.state.stage === 'up') this.#set({ stage: 'reconnecting' });
    const sdp = await this.#newPeer().offer();
    this.#signal.send({ type: 'leg.reattach', id: 'back', data: { leg: this.state.leg, sdp } });
  }

  async #answered(sdp: string): Promise<void> {
    const was = this.#offering;
    this.#offering = undefined;
    await this.#peer?.answered(sdp).catch(() => this.#end('blocked'));
    if (was === 'back' && this.#connected) this.#well();
    if (!this.#changeAgain) return;
    this.#changeAgain = false;
    await this.#change();
  }

  /** Offers changed media; while another offer is on its way, after that one. */
  async #change(): Promise<void> {
    if (this.#offering) {
      this.#changeAgain = true;
      return;
    }
    this.#offering = 'change';
    const sdp = await this.#peer?.offer();
    if (!this.#signal.send({ type: 'leg.offer', id: 'change', data: { leg: this.state.leg, sdp } })) this.#offering = 'back';
  }

  async #refused(leg: string | undefined): Promise<void> {
    const was = this.#offering;
    if (leg !== undefined && leg !== this.state.leg) return;
    if (was === 'new') return this.#end('refused');
    if (was === 'back') return this.#end('lost');
    if (was !== 'change') return;
    this.#offering = undefined;
    await this.#peer?.rolledBack();
    this.#show(undefined);
    this.#set({ cameraFailed: true });
  }

  #newPeer(): Peer {
    this.#peer?.close();
    this.#candidates = [];
    this.#connected = false;
    for (const track of this.remote.getTracks()) this.remote.removeTrack(track);
    const peer: Peer = new Peer(this.#voice?.track, this.#camera, {
      candidate: (candidate) => {
        if (peer !== this.#peer) return;
        const { leg } = this.state;
        if (leg) this.#signal.send({ type: 'leg.candidate', data: { leg, candidate } });
        else this.#candidates.push(candidate);
      },
      state: (state) => {
        if (peer === this.#peer) this.#peerIs(state);
      },
      track: (track) => {
        if (peer === this.#peer) this.#heard(track);
      },
    });
    this.#peer = peer;
    return peer;
  }

  #peerIs(state: 'connected' | 'troubled' | 'failed'): void {
    if (state === 'connected') {
      this.#connected = true;
      if (this.#offering !== 'back') this.#well();
      return;
    }
    if (state === 'troubled') return this.#troubled();
    if (!this.#connected && this.state.stage !== 'reconnecting') return this.#blocked();
    this.#troubled();
    void this.#reattach();
  }

  #blocked(): void {
    const { leg } = this.state;
    if (leg) {
      this.#bye = leg;
      this.#signal.send({ type: 'leg.bye', data: { leg } });
    }
    this.#end('blocked');
  }

  #heard(track: MediaStreamTrack): void {
    this.remote.addTrack(track);
    if (track.kind === 'audio') return this.hear();
    const seen = () => this.#set({ picture: !track.muted && track.readyState === 'live' });
    track.onmute = track.onunmute = track.onended = seen;
    seen();
  }

  #up(): void {
    const { stage, since } = this.state;
    if (stage === 'ended' || stage === 'idle') return;
    this.#set({ stage: stage === 'reconnecting' && !this.#connected ? stage : 'up', since: since ?? Date.now() });
  }

  /** An automatic step needs keys: the keypad opens itself once for it. */
  #stands(status: Status): void {
    const before = this.state.status;
    const automatic = status.is === 'self_service' || status.is === 'in_ivr';
    const keypad = automatic ? before?.is !== status.is || this.state.keypad : status.is === before?.is && this.state.keypad;
    this.#set({ status, keypad, digits: status.is === before?.is ? this.state.digits : '' });
  }

  /** Something broke: the call is kept for as long as the centre keeps it. */
  #troubled(): void {
    if (!this.#busy()) return;
    if (this.state.stage === 'up') this.#set({ stage: 'reconnecting' });
    this.#giveUp ??= setTimeout(() => this.#end('lost'), GIVE_UP_MS);
  }

  #well(): void {
    if (!this.#signal.open || !this.#connected) return;
    clearTimeout(this.#giveUp);
    this.#giveUp = undefined;
    if (this.state.stage === 'reconnecting') this.#set({ stage: 'up', since: this.state.since ?? Date.now() });
  }

  #byeOf(leg: string, cause: string): void {
    if (leg === this.#bye) {
      this.#bye = undefined;
      this.#signal.disconnect();
      return;
    }
    if (leg !== this.state.leg) return;
    this.#end(this.state.stage === 'connecting' && cause !== 'normal' ? 'refused' : 'bye');
  }

  #end(ended: NonNullable<CallState['ended']>): void {
    this.#reset();
    this.#stopMedia();
    storage.remember(this.settings.entry, { call: undefined });
    if (!this.#bye) this.#signal.disconnect();
    this.#lead.release();
    this.#set({ stage: 'ended', ended, leg: undefined, keypad: false, level: 0, bars: 0 });
  }

  /** Another page has the call: this one lets go of it without ending it. */
  #taken(): void {
    if (!this.#busy()) return;
    this.#signal.disconnect();
    this.#reset();
    this.#stopMedia();
    this.#set({ stage: 'idle', elsewhere: true, leg: undefined });
  }

  #reset(): void {
    clearTimeout(this.#giveUp);
    this.#giveUp = undefined;
    clearInterval(this.#meter);
    this.#peer?.close();
    this.#peer = undefined;
    this.#connected = false;
    this.#offering = undefined;
    this.#changeAgain = false;
    this.#counted = undefined;
    for (const track of this.remote.getTracks()) this.remote.removeTrack(track);
  }

  #stopMedia(): void {
    this.#voice?.stop();
    this.#voice = undefined;
    this.#show(undefined);
  }

  #show(camera: MediaStreamTrack | undefined): void {
    this.#camera?.stop();
    for (const track of this.own.getTracks()) this.own.removeTrack(track);
    if (camera) this.own.addTrack(camera);
    this.#camera = camera;
    this.#set({ camera: camera !== undefined, ...(camera && { cameraFailed: false }) });
  }

  #store(): void {
    const { leg, listen, muted, camera } = this.state;
    if (leg) storage.remember(this.settings.entry, { call: { leg, at: Date.now(), listen, muted, video: camera } });
  }

  #watch(): void {
    clearInterval(this.#meter);
    this.#meter = setInterval(() => void this.#measure(), LEVEL_MS);
  }

  async #measure(): Promise<void> {
    const peer = this.#peer;
    if (!peer || !this.#connected) return;
    const level = Math.round((await peer.level()) * 100) / 100;
    if (peer !== this.#peer) return;
    if (level !== this.state.level) this.#set({ level });
    this.#ticks += 1;
    if (this.#ticks % 4 !== 0) return;
    const now = counts((await peer.pc.getStats()).values() as Iterable<Record<string, unknown>>);
    if (peer !== this.#peer) return;
    if (this.#counted) this.#set({ bars: bars(this.#counted, now) });
    this.#counted = now;
  }

  #set(change: Partial<CallState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
