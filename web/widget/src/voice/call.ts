/**
 * A call of the customer's: its stage, and the way back to it. The leg outlives its socket and its peer connection for
 * 30 s at the centre, so whatever breaks here (network, reload, page change, server) is mended with `leg.reattach`.
 */
import { browserLocks, Lead } from '../core/lead';
import * as storage from '../core/storage';
import type { Translate } from '../i18n';
import type { RtcFrame, Status } from '../wire';
import { Ear } from './ear';
import { forget, keep, kept } from './kept';
import { openCamera } from './media';
import { Meter } from './meter';
import { Peer } from './peer';
import { Sending } from './sending';
import { Signal } from './signal';
import { atRest, busy, shows, stands, type CallSettings, type CallState } from './state';
import { says } from './words';

/** Longer than the centre keeps a leg that nobody comes back to. */
const GIVE_UP_MS = 35_000;
const MAX_DIGITS = 64;

export class Call {
  state: CallState = atRest(storage.chosen('mic') ?? '');
  #listeners = new Set<() => void>();
  #signal: Signal;
  #lead: Lead;
  #peer: Peer | undefined;
  #sending: Sending;
  #ear = new Ear((change) => this.#set(change));
  #candidates: string[] = [];
  #epoch: string | number | undefined;
  /** Whether this peer connection was ever connected. */
  #connected = false;
  /** An offer is on its way: for a new call, to come back, to change the media. */
  #offering: 'new' | 'back' | 'change' | undefined;
  #changeAgain = false;
  /** The offer of a new call is at the centre, and its leg is not told yet. */
  #asked = false;
  /** A leg that was hung up and whose end the centre has not confirmed. */
  #bye: string | undefined;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  #meter = new Meter(
    () => (this.#connected ? this.#peer : undefined),
    (change) => this.#set(change),
  );

  constructor(private readonly settings: CallSettings) {
    this.#sending = new Sending(settings.synthetic);
    this.#signal = new Signal(settings.server, () => settings.token(), {
      frame: (frame) => this.#frame(frame),
      lost: () => this.#troubled(),
      replaced: () => this.#taken(),
    });
    this.#lead = new Lead(`ngcc-call:${settings.server}:${settings.entry}`, browserLocks(), (role) => void (role === 'waiting' && this.#taken()));
    addEventListener('storage', () => {
      if (this.state.elsewhere && !kept(settings.entry)) this.#set({ elsewhere: false });
    });
  }

  get remote(): MediaStream {
    return this.#ear.remote;
  }

  get own(): MediaStream {
    return this.#sending.own;
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
    if (busy(this.state)) return;
    if (!(await this.#lead.tryNow())) return this.#set({ elsewhere: true });
    this.#reset();
    this.#set({ stage: 'asking', leg: undefined, status: undefined, since: undefined, digits: '', keypad: false, ended: undefined, elsewhere: false, muted: false });
    this.#set(await this.#sending.open(video, this.state.mic, false));
    if (this.state.stage !== 'asking') return this.#stopSending();
    this.#set({ stage: 'connecting' });
    this.#meter.start();
    this.#offering = 'new';
    this.#asked = false;
    this.#signal.disconnect();
    this.#signal.connect();
  }

  /** Takes up the call that the page before this one had. */
  async comeBack(): Promise<void> {
    if (busy(this.state)) return;
    const stored = kept(this.settings.entry);
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
    if (!busy(this.state)) return;
    this.#sayBye();
    this.#end('bye');
  }

  /** Forgets a call that has ended. */
  close(): void {
    if (busy(this.state)) this.hangUp();
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
    this.#sending.mute(muted);
    this.#set({ muted });
    keep(this.settings.entry, this.state);
  }

  async useMicrophone(id: string): Promise<void> {
    storage.choose('mic', id);
    this.#set({ mic: id });
    const voice = await this.#sending.use(id, this.state.muted);
    if (voice.track) await this.#peer?.replaceVoice(voice.track);
    this.#set({ problem: voice.problem });
  }

  async camera(on: boolean): Promise<void> {
    if (!this.#peer || (on && this.#sending.camera)) return;
    const track = on ? await openCamera() : undefined;
    if (on && !track) return this.#set({ cameraFailed: true });
    this.#sending.show(track);
    this.#set({ camera: on, cameraFailed: false });
    await this.#peer.setCamera(track);
    keep(this.settings.entry, this.state);
    await this.#change();
  }

  /** The click that lets the browser play. */
  hear(): void {
    this.#ear.play();
  }

  async report(): Promise<Record<string, number> | undefined> {
    return this.#peer?.report();
  }

  async #resume(): Promise<void> {
    const stored = kept(this.settings.entry);
    if (!stored) return this.#set({ elsewhere: false });
    this.#reset();
    this.#set({ stage: 'reconnecting', leg: stored.leg, since: stored.since, elsewhere: false, muted: stored.muted ?? false });
    this.#set(await this.#sending.open(stored.video ?? false, this.state.mic, stored.muted ?? false));
    if (this.state.stage !== 'reconnecting') return this.#stopSending();
    this.#meter.start();
    this.#offering = 'back';
    this.#signal.connect();
  }

  #frame(frame: RtcFrame): void {
    switch (frame.type) {
      case 'ready':
        return void this.#ready(frame.data);
      case 'leg.created':
        return this.#created(frame.data.leg);
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
        if (frame.data.leg === this.state.leg) void this.#stands(frame.data.status);
    }
  }

  async #stands(status: Status): Promise<void> {
    this.#set(stands(this.state, status));
    if (shows(status) && this.#peer?.watch()) await this.#change();
  }

  async #ready(data: { epoch: string | number; legs: { leg: string; state: 'calling' | 'up' }[] }): Promise<void> {
    const restarted = this.#epoch !== undefined && this.#epoch !== data.epoch;
    this.#epoch = data.epoch;
    const bye = this.#bye;
    if (bye) {
      if (data.legs.some((l) => l.leg === bye)) this.#signal.send({ type: 'leg.bye', data: { leg: bye } });
      else this.#byeOf(bye, '');
      if (!busy(this.state)) return;
      this.#bye = undefined;
    }
    // The answer to our offer was lost with the socket: the leg it made is ours.
    const made = this.#asked ? data.legs.at(-1)?.leg : undefined;
    if (made) this.#created(made);
    else if (this.#offering === 'new') return this.#dial();
    const leg = data.legs.find((l) => l.leg === this.state.leg);
    if (!leg) return this.#end('lost');
    if (leg.state === 'up') this.#up();
    if (restarted || this.#offering || this.#peer?.pc.connectionState !== 'connected') return this.#reattach();
    this.#well();
  }

  #created(leg: string): void {
    this.#asked = false;
    if (!busy(this.state)) {
      this.#bye = leg;
      this.#signal.send({ type: 'leg.bye', data: { leg } });
      return;
    }
    this.#set({ leg });
    keep(this.settings.entry, this.state);
    for (const candidate of this.#candidates.splice(0)) this.#signal.send({ type: 'leg.candidate', data: { leg, candidate } });
  }

  async #dial(): Promise<void> {
    const sdp = await this.#newPeer().offer();
    const { entry } = this.settings;
    this.#asked = this.#signal.send({ type: 'leg.offer', id: 'new', data: { sdp, entry, name: this.settings.name(), beside: this.settings.beside() } });
  }

  async #reattach(): Promise<void> {
    if (!this.#signal.open || !busy(this.state)) return;
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
    this.#asked &&= was !== 'new';
    if (was === 'new') return this.#end('refused');
    if (was === 'back') return this.#end('lost');
    if (was !== 'change') return;
    this.#offering = undefined;
    await this.#peer?.rolledBack();
    this.#sending.show(undefined);
    this.#set({ camera: false, cameraFailed: true });
  }

  #newPeer(): Peer {
    this.#peer?.close();
    this.#candidates = [];
    this.#connected = false;
    this.#ear.clear();
    const peer: Peer = new Peer(this.#sending.voice, this.#sending.camera, shows(this.state.status), {
      candidate: (candidate) => peer === this.#peer && this.#candidate(candidate),
      state: (state) => peer === this.#peer && this.#peerIs(state),
      track: (track) => peer === this.#peer && this.#ear.add(track),
    });
    this.#peer = peer;
    return peer;
  }

  #candidate(candidate: string): void {
    const { leg } = this.state;
    if (!leg) this.#candidates.push(candidate);
    else this.#signal.send({ type: 'leg.candidate', data: { leg, candidate } });
  }

  #peerIs(state: 'connected' | 'troubled' | 'failed'): void {
    if (state === 'connected') {
      this.#connected = true;
      if (this.#offering !== 'back') this.#well();
      return;
    }
    if (state === 'troubled') return this.#troubled();
    if (!this.#connected && this.state.stage !== 'reconnecting') {
      this.#sayBye();
      return this.#end('blocked');
    }
    this.#troubled();
    void this.#reattach();
  }

  /** Tells the centre that the call is over: now, or as soon as the socket is back. */
  #sayBye(): void {
    const { leg } = this.state;
    this.#bye = leg;
    if (leg) this.#signal.send({ type: 'leg.bye', data: { leg } });
  }

  #up(): void {
    const { stage, since } = this.state;
    if (stage === 'ended' || stage === 'idle') return;
    this.#set({ stage: stage === 'reconnecting' && !this.#connected ? stage : 'up', since: since ?? Date.now() });
    keep(this.settings.entry, this.state);
  }

  /** Something broke: the call is kept for as long as the centre keeps it. */
  #troubled(): void {
    if (!busy(this.state)) return;
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
      if (!busy(this.state)) this.#signal.disconnect();
      return;
    }
    if (leg !== this.state.leg) return;
    this.#end(this.state.stage === 'connecting' && cause !== 'normal' ? 'refused' : 'bye');
  }

  #end(ended: NonNullable<CallState['ended']>): void {
    this.#reset();
    this.#stopSending();
    forget(this.settings.entry);
    if (!this.#bye && !this.#asked) this.#signal.disconnect();
    this.#lead.release();
    this.#set({ stage: 'ended', ended, leg: undefined, keypad: false, level: 0, bars: 0 });
  }

  /** Another page has the call: this one lets go of it without ending it. */
  #taken(): void {
    if (!busy(this.state)) return;
    this.#signal.disconnect();
    this.#reset();
    this.#stopSending();
    this.#set({ stage: 'idle', elsewhere: true, leg: undefined });
  }

  #reset(): void {
    clearTimeout(this.#giveUp);
    this.#giveUp = undefined;
    this.#meter.stop();
    this.#peer?.close();
    this.#peer = undefined;
    this.#connected = false;
    this.#offering = undefined;
    this.#changeAgain = false;
    this.#ear.clear();
  }

  #stopSending(): void {
    this.#sending.stop();
    this.#set({ camera: false });
  }

  #set(change: Partial<CallState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
