// The softphone: `/ws/rtc` and the agent's legs. Whether the agent is heard is the server's business; this
// only offers media when summoned, and again when a page, a network or a socket was lost.
import { browserEnv, isRecord, Link, SignedOut, type Answer, type Frame, type LinkState } from "../wire/socket";
import type { RtcLeg, RtcTold } from "../wire/protocol";
import { Store } from "../store/store";
import { openCamera, openVoice, type Source, type Trouble, type Voice } from "./audio";
import { Leg, type LegView } from "./leg";

export type Devices = { mic: string; speaker: string; ringer: string };

export type PhoneState = {
  link: LinkState;
  voice: { source: Source; trouble: Trouble } | null;
  muted: boolean;
  legs: LegView[];
  devices: Devices;
  /** What speaks where there is no microphone. */
  fallback: "synthetic" | "listen_only";
};

type PhoneAction = { type: "set"; part: Partial<PhoneState> };

/** How long a summons may come behind `ready`. */
const SUMMON_MS = 150;
/** How long going Ready waits for the softphone. */
const CONNECT_MS = 3_000;
const STORED = "ngcc.devices";

function storedDevices(): Devices {
  const none: Devices = { mic: "", speaker: "", ringer: "" };
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORED) ?? "null");
    if (!isRecord(value)) return none;
    const of = (key: keyof Devices): string => (typeof value[key] === "string" ? value[key] : "");
    return { mic: of("mic"), speaker: of("speaker"), ringer: of("ringer") };
  } catch {
    return none;
  }
}

/** The camera's stream; an empty one where there is none: the other side is seen all the same. */
async function openPicture(): Promise<MediaStream> {
  return (await openCamera()) ?? new MediaStream();
}

export class Phone {
  readonly store = new Store<PhoneState, PhoneAction>(
    { link: "closed", voice: null, muted: false, legs: [], devices: storedDevices(), fallback: "listen_only" },
    (state, action) => ({ ...state, ...action.part }),
  );
  private readonly legs = new Map<string, Leg>();
  /** Legs of which an offer was asked since the socket came. */
  private readonly summoned = new Set<string>();
  private voice: Promise<Voice> | null = null;
  private readonly link: Link;

  /** `token` asks the agent's own socket for a one-time token; `isVideo` says whether a leg's contact has pictures. */
  constructor(private readonly token: () => Promise<Answer>, private readonly isVideo: (leg: string) => boolean) {
    const env = browserEnv("/ws/rtc", async () => {
      const answer = await this.token();
      if (!answer.ok) throw new Error(answer.why);
      const data = answer.frame.data;
      if (!isRecord(data) || typeof data["token"] !== "string") throw new SignedOut();
      return { token: data["token"] };
    });
    this.link = new Link(env, (frame) => this.receive(frame), (link) => this.set({ link }));
  }

  /** Connects; to be called when the agent's own socket is up and the seat's device is this browser. */
  start(): void {
    const { link } = this.store.get();
    // Beside the socket, so that a call that is to be reattached does not wait for the microphone.
    if (link === "closed") void this.prepare();
    if (link === "waiting") this.link.nudge();
    else if (link !== "up" && link !== "connecting") this.link.start();
  }

  /** Waits until it is connected, for a while: without it the agent is served as far as may be. */
  connected(): Promise<void> {
    if (this.store.get().link === "up") return Promise.resolve();
    return new Promise((done) => {
      const over = (): void => {
        window.clearTimeout(late);
        off();
        done();
      };
      const late = window.setTimeout(over, CONNECT_MS);
      const off = this.store.subscribe(() => {
        if (this.store.get().link === "up") over();
      });
    });
  }

  stop(): void {
    this.link.stop();
    for (const leg of this.legs.values()) leg.close();
    this.legs.clear();
    this.publish();
    void this.silence();
  }

  mute(on: boolean): void {
    this.set({ muted: on });
    for (const leg of this.legs.values()) leg.mute(on);
  }

  /** Shows the agent's own picture, or no longer; the other side's stays. */
  async camera(leg: string, on: boolean): Promise<void> {
    await this.legs.get(leg)?.picture(on ? await openPicture() : null);
    this.publish();
  }

  /** Takes the customer's pictures, if this connection has none yet. */
  watch(leg: string): void {
    const known = this.legs.get(leg);
    if (known !== undefined && !known.seesPictures()) void this.camera(leg, false);
  }

  key(leg: string, digit: string): void {
    this.link.tell("leg.key", { leg, digit });
  }

  /** Opens the microphone now, so that the browser's question comes before the first call. */
  prepare(): Promise<Voice> {
    this.voice ??= this.openVoice();
    return this.voice;
  }

  async choose(devices: Devices): Promise<void> {
    const before = this.store.get().devices;
    localStorage.setItem(STORED, JSON.stringify(devices));
    this.set({ devices });
    if (before.mic !== devices.mic) await this.renewVoice();
  }

  async fallBack(fallback: PhoneState["fallback"]): Promise<void> {
    this.set({ fallback });
    await this.renewVoice();
  }

  /** The same media again, or another: for a microphone that was allowed meanwhile. */
  async renewVoice(): Promise<void> {
    const old = this.voice;
    this.voice = this.openVoice();
    const voice = await this.voice;
    await Promise.all([...this.legs.values()].map((leg) => leg.speakWith(voice)));
    (await old)?.stop();
  }

  stats(leg: string): Promise<RTCStatsReport | null> {
    return this.legs.get(leg)?.stats() ?? Promise.resolve(null);
  }

  private async openVoice(): Promise<Voice> {
    const { devices, fallback } = this.store.get();
    const voice = await openVoice(devices.mic, fallback);
    this.set({ voice: { source: voice.source, trouble: voice.trouble } });
    return voice;
  }

  private async silence(): Promise<void> {
    const old = this.voice;
    this.voice = null;
    this.set({ voice: null });
    (await old)?.stop();
  }

  private receive(frame: Frame): void {
    const data = isRecord(frame.data) ? frame.data : {};
    const told = { ...data, type: frame.type } as RtcTold;
    switch (told.type) {
      case "ready":
        return this.reattachAll(Array.isArray(told.legs) ? told.legs : []);
      case "leg.summon":
        this.summoned.add(told.leg);
        return void this.offer(told.leg, "leg.offer", told.video);
      case "leg.answer":
        return void this.legs.get(told.leg)?.answered(told.sdp).catch(() => this.offerAgain(told.leg));
      case "leg.bye":
        return this.end(told.leg);
      case "error":
        if (told.leg === undefined) return;
        return told.code === "unknown" ? this.end(told.leg) : void this.legs.get(told.leg)?.refused();
      case "leg.created":
      case "leg.ringing":
      case "leg.up":
        return;
    }
  }

  /** After a (re)connection: the legs the server knows are ours again, others are over. */
  private reattachAll(legs: RtcLeg[]): void {
    const live = new Set(legs.map((l) => l.leg));
    for (const id of [...this.legs.keys()]) if (!live.has(id)) this.end(id);
    this.summoned.clear();
    const reattach = (leg: string): void => void this.offer(leg, "leg.reattach", this.isVideo(leg));
    for (const { leg, state } of legs) if (state === "up") reattach(leg);
    // Of a leg that still rings the server may ask for an offer right behind this frame: one answer is enough.
    const ringing = legs.filter((l) => l.state === "calling");
    window.setTimeout(() => {
      for (const { leg } of ringing) if (!this.summoned.has(leg) && this.link.state === "up") reattach(leg);
    }, SUMMON_MS);
  }

  private async offer(id: string, verb: "leg.offer" | "leg.reattach", video: boolean): Promise<void> {
    const voice = await this.prepare();
    const known = this.legs.get(id);
    // A leg that has its camera keeps it over a new connection.
    const camera = video && known?.view().local == null ? await openPicture() : null;
    const leg = known ?? new Leg(
      id, voice, (signal) => this.signal(signal), () => this.publish(), () => this.offerAgain(id));
    this.legs.set(id, leg);
    leg.mute(this.store.get().muted);
    await leg.offer(verb, camera);
    this.publish();
  }

  private offerAgain(id: string): void {
    const leg = this.legs.get(id);
    // Without the socket the next `ready` does it.
    if (leg !== undefined && this.link.state === "up") void leg.offer("leg.reattach", null);
  }

  private signal({ type, ...data }: Parameters<ConstructorParameters<typeof Leg>[2]>[0]): void {
    this.link.tell(type, data);
  }

  private end(id: string): void {
    this.legs.get(id)?.close();
    this.legs.delete(id);
    // The next call begins unmuted: a mute is for the call in which it was pressed.
    if (this.legs.size === 0) this.set({ muted: false });
    this.publish();
  }

  private publish(): void {
    this.set({ legs: [...this.legs.values()].map((leg) => leg.view()) });
  }

  private set(part: Partial<PhoneState>): void {
    this.store.dispatch({ type: "set", part });
  }
}
