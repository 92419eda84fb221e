// The softphone against a real peer connection: a second page plays the media server. Shows that a summoned
// leg carries sound both ways, that mute silences it, that a reload and a cut bring it back, that a hang-up
// ends it. `node dev/call.mjs <url>`, with dev/serve.mjs running.
import { chromium } from "playwright-core";

const url = process.argv[2];
const origin = new URL(url).origin;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns", "--autoplay-policy=no-user-gesture-required",
  ],
});
const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
const peer = await context.newPage();
await peer.goto(`${origin}/console/icon.svg`);
await peer.evaluate((o) => {
  const ctx = new AudioContext();
  const out = ctx.createMediaStreamDestination();
  const tone = ctx.createOscillator();
  tone.connect(out);
  tone.start();
  const canvas = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
  const paint = canvas.getContext("2d");
  setInterval(() => {
    paint.fillStyle = `hsl(${(Date.now() / 20) % 360} 80% 50%)`;
    paint.fillRect(0, 0, 300, 150);
  }, 60);
  const picture = canvas.captureStream(15).getVideoTracks()[0];
  window.peers = new Map();
  const ws = new WebSocket(`${o.replace("http", "ws")}/ws/peer`);
  ws.onmessage = async (event) => {
    const { type, data } = JSON.parse(await (typeof event.data === "string" ? event.data : event.data.text()));
    if (type === "leg.key") window.keys = (window.keys ?? "") + data.digit;
    if (type === "leg.candidate" && data.candidate !== "") {
      await window.peers.get(data.leg)?.addIceCandidate({ candidate: data.candidate, sdpMid: "0" }).catch(() => undefined);
    }
    if (type !== "leg.offer" && type !== "leg.reattach") return;
    const known = type === "leg.offer" ? window.peers.get(data.leg) : undefined;
    if (known !== undefined) {
      await known.setRemoteDescription({ type: "offer", sdp: data.sdp });
      await known.setLocalDescription(await known.createAnswer());
      return ws.send(JSON.stringify({ type: "leg.answer", data: { leg: data.leg, sdp: known.localDescription.sdp } }));
    }
    const pc = new RTCPeerConnection();
    window.peers.get(data.leg)?.close();
    window.peers.set(data.leg, pc);
    pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
    // Energy is counted for what is played only.
    pc.ontrack = (e) => {
      const player = new Audio();
      player.srcObject = new MediaStream([e.track]);
      void player.play();
    };
    await pc.setRemoteDescription({ type: "offer", sdp: data.sdp });
    if (data.sdp.includes("m=video")) pc.addTrack(picture);
    await pc.setLocalDescription(await pc.createAnswer());
    if (pc.iceGatheringState !== "complete") {
      await new Promise((done) => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done();
      });
    }
    ws.send(JSON.stringify({ type: "leg.answer", data: { leg: data.leg, sdp: pc.localDescription.sdp } }));
  };
}, origin);

const page = await context.newPage();
page.on("console", (m) => m.type() === "error" && !m.text().includes("401") && console.error(m.text()));
page.on("pageerror", (e) => console.error("page", e.message));
await page.addInitScript(() => {
  window.ours = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(config) {
      super(config);
      window.ours.push(this);
    }
  };
});

/** Sound (energy a second) and pictures (frames) that arrive on the newest connected peer connection of a page. */
const arriving = (where, list) => where.evaluate(async (which) => {
  const all = which === "ours" ? window.ours : [...window.peers.values()];
  const pc = all.filter((p) => p.connectionState === "connected").at(-1);
  if (pc === undefined) return { sound: 0, frames: 0, live: 0 };
  const read = async () => {
    const out = { sound: 0, frames: 0 };
    for (const s of (await pc.getStats()).values()) {
      if (s.type !== "inbound-rtp") continue;
      if (s.kind === "audio") out.sound += s.totalAudioEnergy ?? 0;
      else out.frames += s.framesDecoded ?? 0;
    }
    return out;
  };
  const before = await read();
  await new Promise((done) => setTimeout(done, 1500));
  const after = await read();
  return { sound: after.sound - before.sound, frames: after.frames - before.frames, live: all.filter((p) => p.connectionState === "connected").length };
}, list);
const failures = [];
const check = (what, ok, seen) => {
  console.log(ok ? "ok  " : "FAIL", what, JSON.stringify(seen));
  if (!ok) failures.push(what);
};
const soundHere = async (what, test = (a) => a.sound > 1e-4) => {
  let seen;
  for (let i = 0; i < 5; i++) {
    seen = await arriving(page, "ours");
    if (test(seen)) break;
    await page.waitForTimeout(500);
  }
  check(what, test(seen), seen);
};

await page.goto(url);
await page.locator("input").nth(0).fill("alice");
await page.locator("input").nth(1).fill("demo");
await page.keyboard.press("Enter");
await page.getByRole("button", { name: /Start – go Ready/ }).click();
await page.waitForTimeout(800);
const medium = process.argv[3] ?? "voice";
await page.request.post(`${origin}/dev/offer-${medium}`);
await page.waitForTimeout(500);
await page.keyboard.press("Alt+a");
await soundHere("the agent hears the customer");
const there = await arriving(peer, "peers");
check("the customer hears the agent", there.sound > 1e-2, there);
if (medium === "video") {
  await soundHere("the agent sees the customer", (a) => a.frames > 5);
  check("the customer sees the agent", there.frames > 5, there);
  await page.screenshot({ path: "/tmp/video.png" });
}
await page.keyboard.press("Alt+m");
// What the jitter buffer still holds is played out first.
await page.waitForTimeout(1000);
const mute = await arriving(peer, "peers");
check("muted, the customer hears nothing", mute.sound < 1e-3, mute);
await page.keyboard.press("Alt+m");
await page.getByRole("button", { name: "Keypad" }).click();
await page.getByRole("button", { name: "5", exact: true }).click();
await page.waitForTimeout(200);
const keys = await peer.evaluate(() => window.keys);
check("a key goes to the leg", keys === "5", keys);
if (medium === "video") {
  await page.getByRole("button", { name: "Camera off" }).click();
  await page.waitForTimeout(800);
  const off = await arriving(peer, "peers");
  check("with the camera off the customer sees nothing new and still hears", off.frames < 3 && off.sound > 1e-2, off);
  await page.getByRole("button", { name: "Camera on" }).click();
  await page.waitForTimeout(800);
}
await page.reload();
await soundHere("after a reload the sound is back");
if (medium === "video") await soundHere("after a reload the picture is back", (a) => a.frames > 5);
await page.request.post(`${origin}/dev/cut`);
await page.waitForTimeout(1500);
await soundHere("after a cut of every socket there is one connection with sound", (a) => a.sound > 1e-4 && a.live === 1);
await page.keyboard.press("Alt+x");
await page.keyboard.press("Alt+x");
await page.waitForTimeout(500);
const after = await arriving(page, "ours");
check("after hanging up nothing is connected", after.live === 0, after);
await browser.close();
process.exit(failures.length === 0 ? 0 : 1);
