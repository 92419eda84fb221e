// One leg of the agent's browser: a peer connection, what it sends and what it hears. The browser always
// offers. A leg may get a new peer connection (reload, new network): the old one is kept until the new one
// carries media, so that the gap is as short as the network allows.
import { stopAll, type Voice } from "./audio";

export type Signal =
  | { type: "leg.offer"; leg: string; sdp: string }
  | { type: "leg.reattach"; leg: string; sdp: string }
  | { type: "leg.candidate"; leg: string; candidate: string };

export type LegView = {
  leg: string;
  /** `connecting` until media can flow, `lost` while the network is away. */
  media: "connecting" | "up" | "lost";
  remote: MediaStream;
  local: MediaStream | null;
  hasVideo: boolean;
};

const DISCONNECTED_MS = 3_000;

export class Leg {
  private pc: RTCPeerConnection | null = null;
  private old: RTCPeerConnection | null = null;
  private camera: MediaStream | null = null;
  private remote = new MediaStream();
  private media: LegView["media"] = "connecting";
  private lostTimer: number | null = null;
  private muted = false;

  constructor(
    readonly id: string,
    private voice: Voice,
    private readonly send: (signal: Signal) => void,
    private readonly changed: () => void,
    /** The peer connection is beyond hope: it wants a new one. */
    private readonly broken: () => void,
  ) {}

  /** Offers media for the leg: the answer to a summon, or to a leg that is there already. */
  async offer(verb: "leg.offer" | "leg.reattach", camera: MediaStream | null): Promise<void> {
    if (verb === "leg.offer" && this.pc?.connectionState === "connected") return this.picture(camera);
    this.old?.close();
    this.old = this.pc;
    this.camera = camera ?? this.camera;
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.pc = pc;
    this.remote = new MediaStream();
    this.wire(pc);
    const voice = this.voice.stream.getAudioTracks()[0];
    if (voice === undefined) pc.addTransceiver("audio", { direction: "recvonly" });
    else pc.addTrack(voice, this.voice.stream);
    if (this.camera !== null) {
      const picture = this.camera.getVideoTracks()[0];
      if (picture === undefined) pc.addTransceiver("video", { direction: "recvonly" });
      else pc.addTrack(picture, this.camera);
    }
    this.applyMute();
    await this.sendOffer(pc, verb);
  }

  /** Sends this picture from now on (an empty stream: none, but sees the other side's), on the connection there is. */
  async picture(camera: MediaStream | null): Promise<void> {
    const pc = this.pc;
    if (pc === null) return;
    if (this.camera !== null && this.camera !== camera) stopAll(this.camera);
    this.camera = camera ?? new MediaStream();
    const track = this.camera.getVideoTracks()[0] ?? null;
    const video = pc.getTransceivers().find((t) => t.receiver.track.kind === "video");
    if (video === undefined) {
      pc.addTransceiver(track ?? "video", { direction: track === null ? "recvonly" : "sendrecv", streams: [this.camera] });
    } else {
      await video.sender.replaceTrack(track);
      video.direction = track === null ? "recvonly" : "sendrecv";
    }
    await this.sendOffer(pc, "leg.offer");
  }

  /** Whether pictures have a place in what was offered. */
  seesPictures(): boolean {
    return this.pc?.getTransceivers().some((t) => t.receiver.track.kind === "video") ?? false;
  }

  async answered(sdp: string): Promise<void> {
    const pc = this.pc;
    if (pc === null || pc.signalingState !== "have-local-offer") return;
    await pc.setRemoteDescription({ type: "answer", sdp });
  }

  /** The offer was not taken: all stays as it was before it. */
  async refused(): Promise<void> {
    const pc = this.pc;
    if (pc === null || pc.signalingState !== "have-local-offer") return;
    if (pc.currentRemoteDescription !== null) await pc.setLocalDescription({ type: "rollback" });
    else if (this.old !== null) {
      pc.close();
      [this.pc, this.old] = [this.old, null];
    }
    this.changed();
  }

  /** Speaks with another voice from now on (another microphone). */
  async speakWith(voice: Voice): Promise<void> {
    this.voice = voice;
    const track = voice.stream.getAudioTracks()[0] ?? null;
    const sender = this.pc?.getTransceivers().find((t) => t.receiver.track.kind === "audio")?.sender;
    await sender?.replaceTrack(track);
    this.applyMute();
  }

  mute(on: boolean): void {
    this.muted = on;
    this.applyMute();
    this.changed();
  }

  view(): LegView {
    return {
      leg: this.id,
      media: this.media,
      remote: this.remote,
      local: this.camera,
      hasVideo: this.remote.getVideoTracks().some((t) => t.readyState === "live"),
    };
  }

  /** What the connection itself counts, for tests and the quality mark. */
  async stats(): Promise<RTCStatsReport | null> {
    return (await this.pc?.getStats()) ?? null;
  }

  close(): void {
    if (this.lostTimer !== null) window.clearTimeout(this.lostTimer);
    this.lostTimer = null;
    this.old?.close();
    this.pc?.close();
    this.old = null;
    this.pc = null;
    if (this.camera !== null) stopAll(this.camera);
    this.camera = null;
  }

  private async sendOffer(pc: RTCPeerConnection, verb: "leg.offer" | "leg.reattach"): Promise<void> {
    const offer = await pc.createOffer();
    if (pc !== this.pc) return;
    await pc.setLocalDescription(offer);
    this.send({ type: verb, leg: this.id, sdp: pc.localDescription?.sdp ?? offer.sdp ?? "" });
    this.changed();
  }

  private wire(pc: RTCPeerConnection): void {
    pc.onicecandidate = (event) => {
      if (pc !== this.pc) return;
      this.send({ type: "leg.candidate", leg: this.id, candidate: event.candidate?.candidate ?? "" });
    };
    pc.ontrack = (event) => {
      if (pc !== this.pc) return;
      this.remote.addTrack(event.track);
      // A new stream object makes players notice a track that came later.
      this.remote = new MediaStream(this.remote.getTracks());
      this.changed();
    };
    pc.onconnectionstatechange = () => {
      if (pc === this.pc) this.moved(pc.connectionState);
    };
  }

  private moved(state: RTCPeerConnectionState): void {
    if (this.lostTimer !== null) window.clearTimeout(this.lostTimer);
    this.lostTimer = null;
    if (state === "connected") {
      this.old?.close();
      this.old = null;
      this.media = "up";
    } else if (state === "failed") {
      this.media = "lost";
      this.broken();
    } else if (state === "disconnected") {
      this.media = "lost";
      this.lostTimer = window.setTimeout(() => this.broken(), DISCONNECTED_MS);
    }
    this.changed();
  }

  private applyMute(): void {
    for (const sender of this.pc?.getSenders() ?? []) {
      if (sender.track?.kind === "audio") sender.track.enabled = !this.muted;
    }
  }
}
