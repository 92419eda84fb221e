// What a page hears and sees, by its own analysers and statistics, and the voice and picture it is given. Nothing of the
// product is replaced but the devices: `getUserMedia` gives a tone and a coloured picture.

import type { Page } from "@playwright/test";

/** What a page's microphone and camera give. */
export interface Devices {
  /** The tone of its microphone in hertz; none: there is no microphone. */
  hz?: number;
  /** The colour of its camera's picture; none: there is no camera. */
  colour?: string;
  /** The colour of its screen, as the browser's dialog gives it; none: the browser cannot show its screen; `true`: the
   *  browser's own capture of the shop's tab. */
  screen?: string | true;
}

interface Senses {
  ngccPeers: RTCPeerConnection[];
  /** When a peer connection was connected, in milliseconds since 1970. */
  ngccConnected: number[];
  ngccContext?: AudioContext;
  ngccEars: Map<string, AnalyserNode>;
  /** What the page has captured of its screen. */
  ngccScreen?: MediaStreamTrack | undefined;
}

/** The browser's own "stop sharing". */
export async function stopScreen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const track = (window as unknown as Senses).ngccScreen;
    track?.stop();
    track?.dispatchEvent(new Event("ended"));
  });
}

/** Whether the page still captures its screen. */
export async function captures(page: Page): Promise<boolean> {
  return page.evaluate(() => (window as unknown as Senses).ngccScreen?.readyState === "live");
}

/** Gives the page its devices and watches its peer connections. To be called before the page is opened. */
export async function give(page: Page, devices: Devices): Promise<void> {
  await page.addInitScript((given: Devices) => {
    const senses = window as unknown as Senses;
    senses.ngccPeers = [];
    senses.ngccConnected = [];
    senses.ngccEars = new Map();
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        senses.ngccPeers.push(this);
        this.addEventListener("connectionstatechange", () => {
          if (this.connectionState === "connected") senses.ngccConnected.push(Date.now());
        });
      }
    };
    const context = () => (senses.ngccContext ??= new AudioContext());
    const voice = (hz: number) => {
      const [oscillator, level, out] = [context().createOscillator(), context().createGain(), context().createMediaStreamDestination()];
      oscillator.frequency.value = hz;
      level.gain.value = 0.4;
      oscillator.connect(level).connect(out);
      oscillator.start();
      return out.stream.getAudioTracks();
    };
    const picture = (colour: string) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
      const paint = canvas.getContext("2d");
      let n = 0;
      setInterval(() => {
        if (!paint) return;
        paint.fillStyle = colour;
        paint.fillRect(0, 0, 320, 240);
        paint.fillStyle = n++ % 2 ? "white" : "black";
        paint.fillRect(0, 0, 40, 40);
      }, 66);
      return canvas.captureStream(15).getVideoTracks();
    };
    const { screen } = given;
    if (screen !== true) Object.defineProperty(navigator.mediaDevices, "getDisplayMedia", {
      configurable: true,
      value: screen === undefined ? undefined : () => {
        const stream = new MediaStream(picture(screen));
        senses.ngccScreen = stream.getVideoTracks()[0];
        return Promise.resolve(stream);
      },
    });
    const refused = () => new DOMException("no such device", "NotFoundError");
    navigator.mediaDevices.getUserMedia = (wanted) => {
      if ((wanted?.audio && given.hz === undefined) || (wanted?.video && given.colour === undefined)) {
        return Promise.reject(refused());
      }
      const tracks = [
        ...(wanted?.audio && given.hz !== undefined ? voice(given.hz) : []),
        ...(wanted?.video && given.colour !== undefined ? picture(given.colour) : []),
      ];
      return Promise.resolve(new MediaStream(tracks));
    };
  }, devices);
}

/** The loudest tone the page receives now, in hertz, and its level in dB; null while it receives nothing. */
export async function tone(page: Page): Promise<{ hz: number; db: number } | null> {
  return page.evaluate(async () => {
    const senses = window as unknown as Senses;
    const context = (senses.ngccContext ??= new AudioContext());
    await context.resume();
    const live = senses.ngccPeers.filter((peer) => peer.connectionState === "connected");
    const tracks = live.flatMap((peer) => peer.getReceivers().map((r) => r.track).filter((t) => t.kind === "audio" && t.readyState === "live"));
    let loudest: { hz: number; db: number } | null = null;
    for (const track of tracks) {
      let ear = senses.ngccEars.get(track.id);
      if (!ear) {
        ear = context.createAnalyser();
        ear.fftSize = 16384;
        ear.smoothingTimeConstant = 0;
        context.createMediaStreamSource(new MediaStream([track])).connect(ear);
        senses.ngccEars.set(track.id, ear);
      }
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      bins.forEach((db, bin) => {
        const hz = (bin * context.sampleRate) / 16384;
        if (hz > 80 && (!loudest || db > loudest.db)) loudest = { hz, db };
      });
    }
    return loudest;
  });
}

/** Waits until the page hears this tone above all others. */
export async function hears(page: Page, hz: number, withinMs = 15_000): Promise<void> {
  await until(`hears ${hz} Hz`, withinMs, async () => {
    const heard = await tone(page);
    return { ok: heard !== null && heard.db > -60 && Math.abs(heard.hz - hz) < 12, now: heard };
  });
}

/** Waits until the page hears nothing (below −70 dB everywhere). */
export async function hearsNothing(page: Page, withinMs = 15_000): Promise<void> {
  await until("hears nothing", withinMs, async () => {
    const heard = await tone(page);
    return { ok: heard === null || heard.db < -70, now: heard };
  });
}

/** Waits until the page hears anything. */
export async function hearsSomething(page: Page, withinMs = 15_000): Promise<void> {
  await until("hears something", withinMs, async () => {
    const heard = await tone(page);
    return { ok: heard !== null && heard.db > -55, now: heard };
  });
}

/** Frames decoded so far, over all live peer connections. */
export async function framesDecoded(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const senses = window as unknown as Senses;
    let frames = 0;
    for (const peer of senses.ngccPeers.filter((p) => p.connectionState === "connected")) {
      (await peer.getStats()).forEach((stat: { type: string; kind?: string; framesDecoded?: number }) => {
        if (stat.type === "inbound-rtp" && stat.kind === "video") frames += stat.framesDecoded ?? 0;
      });
    }
    return frames;
  });
}

/** The colour in the middle of the largest playing video, as [r, g, b]. */
export async function colourSeen(page: Page): Promise<[number, number, number] | null> {
  return page.evaluate(() => {
    const inside = (root: ParentNode): HTMLVideoElement[] => [
      ...root.querySelectorAll("video"),
      ...[...root.querySelectorAll("*")].flatMap((e) => (e.shadowRoot ? inside(e.shadowRoot) : [])),
    ];
    const own = /^(Your picture)$/;
    const remote = inside(document).filter((v) => v.videoWidth > 0 && !own.test(v.getAttribute("aria-label") ?? ""));
    const video = remote.sort((a, b) => b.clientWidth - a.clientWidth)[0];
    if (!video) return null;
    const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 16 });
    const paint = canvas.getContext("2d");
    if (!paint) return null;
    paint.drawImage(video, 0, 0, 16, 16);
    const [r = 0, g = 0, b = 0] = paint.getImageData(10, 10, 1, 1).data;
    return [r, g, b];
  });
}

/** Looks until `look` is satisfied: sound and pictures tell no event of their own. */
export async function until(
  what: string,
  withinMs: number,
  look: () => Promise<{ ok: boolean; now: unknown }>,
): Promise<void> {
  const end = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < end) {
    const { ok, now } = await look();
    if (ok) return;
    last = now;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`${what}: not within ${withinMs} ms; last ${JSON.stringify(last)}`);
}

/** Waits until the page decodes pictures: more of them now than a moment ago. */
export async function framesGrow(page: Page, withinMs = 15_000): Promise<void> {
  const before = await framesDecoded(page);
  await until(`decodes pictures beyond ${before}`, withinMs, async () => {
    const now = await framesDecoded(page);
    return { ok: now >= before + 5, now };
  });
}

/** Waits until the largest picture of another side has this colour in its middle. */
export async function seesColour(page: Page, colour: [number, number, number], withinMs = 20_000): Promise<void> {
  await until(`sees ${colour.join()}`, withinMs, async () => {
    const seen = await colourSeen(page);
    return { ok: seen !== null && colour.every((c, i) => Math.abs(c - (seen[i] ?? 0)) < 50), now: seen };
  });
}

/** Waits until the page hears all of these tones at once, none more than 20 dB below the loudest. */
export async function tones(page: Page, wanted: number[], withinMs = 15_000): Promise<void> {
  await until(`hears ${wanted.join(" and ")} Hz`, withinMs, async () => {
    await tone(page);
    const levels = await page.evaluate((hz) => {
      const senses = window as unknown as Senses;
      const rate = senses.ngccContext?.sampleRate ?? 48_000;
      const live = new Set(senses.ngccPeers.filter((p) => p.connectionState === "connected")
        .flatMap((p) => p.getReceivers().map((r) => r.track.id)));
      const ears = [...senses.ngccEars].filter(([id]) => live.has(id)).map(([, ear]) => ear);
      return hz.map((f) => Math.max(-200, ...ears.map((ear) => {
        const bins = new Float32Array(ear.frequencyBinCount);
        ear.getFloatFrequencyData(bins);
        const bin = Math.round((f * 16384) / rate);
        return Math.max(...bins.slice(bin - 3, bin + 4));
      })));
    }, wanted);
    return { ok: levels.every((db) => db > -60 && db > Math.max(...levels) - 20), now: levels };
  });
}

/** How long after `since` the page had a peer connection again, by its own clock, in milliseconds. */
export async function connectedAfter(page: Page, since: number, withinMs: number): Promise<number> {
  let after: number | undefined;
  await until("is connected again", withinMs, async () => {
    const times = await page.evaluate(() => (window as unknown as Senses).ngccConnected);
    after = times.find((at) => at > since);
    return { ok: after !== undefined, now: times };
  });
  return (after ?? since) - since;
}
