// Where the agent's voice comes from: a microphone, or an oscillator where there is none and a synthetic
// voice was asked for, or nothing (listen only). Also levels and the ring, all by WebAudio.

export type Source = "microphone" | "synthetic" | "listen_only";
export type Trouble = "insecure" | "denied" | "no_device" | "busy" | null;

export type Voice = { source: Source; trouble: Trouble; stream: MediaStream; stop: () => void };

let context: AudioContext | null = null;

/** The page's one audio context; browsers let it run after the first click or key. */
export function audio(): AudioContext {
  const ctx = context ?? new AudioContext();
  context = ctx;
  const resume = (): void => void ctx.resume().catch(() => undefined);
  if (ctx.state === "suspended") {
    resume();
    onGesture(resume);
  }
  return ctx;
}

/** Runs once at the next click or key: what browsers wait for before a page may be heard. */
function onGesture(run: () => void): void {
  const once = new AbortController();
  const act = (): void => {
    once.abort();
    run();
  };
  for (const kind of ["pointerdown", "keydown"] as const) document.addEventListener(kind, act, { signal: once.signal });
}

/** Plays, now or as soon as the browser lets the page be heard. */
export function playSoon(element: HTMLMediaElement): void {
  element.play().catch((error: unknown) => {
    // Anything else means that the element has something else to play by now.
    if (error instanceof DOMException && error.name === "NotAllowedError") onGesture(() => playSoon(element));
  });
}

export const wantsSynthetic = (): boolean => new URLSearchParams(location.search).get("voice") === "synthetic";

function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError") return "busy";
  return "no_device";
}

/** A voice in any case: the microphone `device`, else what `fallback` says. */
export async function openVoice(device: string, fallback: "synthetic" | "listen_only"): Promise<Voice> {
  if (wantsSynthetic()) return synthetic(null);
  const other = fallback === "synthetic" ? synthetic : silent;
  // `mediaDevices` is not there at all outside a secure context.
  if (!window.isSecureContext) return other("insecure");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: true, noiseSuppression: true, autoGainControl: true,
        ...(device === "" ? {} : { deviceId: { ideal: device } }),
      },
    });
    return { source: "microphone", trouble: null, stream, stop: () => stopAll(stream) };
  } catch (error) {
    return other(troubleOf(error));
  }
}

/** Two soft tones that come and go: heard to be alive, and recognised in tests. */
function synthetic(trouble: Trouble): Voice {
  const ctx = audio();
  const out = ctx.createMediaStreamDestination();
  const gain = ctx.createGain();
  gain.gain.value = 0.25;
  const tones = [440, 660].map((hertz) => {
    const tone = ctx.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start();
    return tone;
  });
  gain.connect(out);
  return {
    source: "synthetic",
    trouble,
    stream: out.stream,
    stop: () => {
      for (const tone of tones) tone.stop();
      stopAll(out.stream);
    },
  };
}

function silent(trouble: Trouble): Voice {
  const stream = new MediaStream();
  return { source: "listen_only", trouble, stream, stop: () => undefined };
}

export async function openCamera(): Promise<MediaStream | null> {
  if (!window.isSecureContext) return null;
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 24 } });
  } catch {
    // A side without a camera talks by voice and sees the other one.
    return null;
  }
}

export function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Loudness of a stream from 0 to 1, read as often as the caller likes. */
export function meter(stream: MediaStream): { level: () => number; stop: () => void } {
  if (stream.getAudioTracks().length === 0) return { level: () => 0, stop: () => undefined };
  const ctx = audio();
  const source = ctx.createMediaStreamSource(stream);
  const analyser = ctx.createAnalyser();
  analyser.fftSize = 512;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level: () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
      return Math.min(1, Math.sqrt(power) * 3);
    },
    stop: () => {
      source.disconnect();
    },
  };
}

type Sinkable = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

/** Plays where it was asked to, where the browser can; else at the default device. */
export function playAt(element: HTMLMediaElement, device: string): void {
  const sink = element as Sinkable;
  if (sink.setSinkId !== undefined) void sink.setSinkId(device).catch(() => undefined);
}

/** The ring: two notes every two seconds at the ring device, until it is stopped. */
export function ring(device: string): () => void {
  try {
    return ringWith(audio(), device);
  } catch {
    // A computer without any sound: an offer is seen all the same.
    return () => undefined;
  }
}

function ringWith(ctx: AudioContext, device: string): () => void {
  const out = ctx.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = out.stream;
  playAt(element, device);
  playSoon(element);
  const strike = (): void => {
    [[880, 0], [1174, 0.18]].forEach(([hertz, after]) => {
      const tone = ctx.createOscillator();
      const gain = ctx.createGain();
      const start = ctx.currentTime + (after ?? 0);
      tone.frequency.value = hertz ?? 880;
      gain.gain.setValueAtTime(0.0001, start);
      gain.gain.exponentialRampToValueAtTime(0.3, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.45);
      tone.connect(gain).connect(out);
      tone.start(start);
      tone.stop(start + 0.5);
    });
  };
  strike();
  const timer = window.setInterval(strike, 2000);
  return () => {
    window.clearInterval(timer);
    element.pause();
    element.srcObject = null;
  };
}
