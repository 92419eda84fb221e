// A pretended centre for looking at the screens while the real one is not running: `npm run dev` only, never
// part of a build. It keeps one person's seat and does what it is told over POST /dev/<scene>.
import { WebSocketServer } from "ws";

const ULID = "0123456789ABCDEFGHJKMNPQRS";
let count = 0;
const id = (prefix) => `${prefix}_01JD${String(++count).padStart(22, "0")}`;
const people = [
  { agent: "agent:alice", display: "Alice Chen", device: { phone: "7001" } },
  { agent: "agent:bob", display: "Bob Wu", device: "browser" },
  { agent: "agent:sue", display: "Sue Li", device: "browser" },
];
const users = {
  alice: { user: "alice", display: "Alice Chen", roles: ["agent"], permissions: ["serve", "message"] },
  sue: {
    user: "sue", display: "Sue Li", roles: ["supervisor"],
    permissions: ["message", "see_board", "force", "read_history"],
  },
};
const config = {
  queues: ["sales", "support", "vip"],
  flows: [
    { name: "pin-check", media: ["voice", "video", "chat"], callable_by_agent: true },
    { name: "survey", media: ["voice", "chat"], callable_by_agent: true },
    { name: "main", media: ["voice", "chat"], callable_by_agent: false },
  ],
  canned: [
    { name: "hello", text: "Hello ${customer}, this is ${agent}. How can I help?" },
    { name: "bye", text: "Thank you, and have a nice day." },
  ],
  dispositions: [
    { name: "order", label: "Order question" }, { name: "refund", label: "Refund" }, { name: "other", label: "Something else" },
  ],
  people,
};

class Centre {
  user = null;
  sockets = new Set();
  /** Consoles' sockets for calls, and the page that plays the media server (dev/call.mjs). */
  phones = new Set();
  peer = null;
  contacts = new Map();
  threads = new Map();
  im = [];
  fails = 0;
  seat = {
    availability: { is: "logged_out" }, device: "browser", voice: { is: "free" }, chats: [], chat_capacity: 4,
  };

  cast(type, data) {
    for (const socket of this.sockets) socket.send(JSON.stringify({ type, data }));
  }
  tell(told) {
    this.cast("seat", told);
  }
  state() {
    this.tell({ type: "state", ...this.seat });
  }
  presence() {
    return people.map((p) => ({
      agent: p.agent, display: p.display, busy: false,
      availability: p.agent === "agent:bob" ? { is: "logged_out" }
        : p.agent === "agent:alice" ? this.seat.availability : { is: "ready", since: Date.now() - 60000 },
    }));
  }
  board() {
    return {
      queues: [
        { name: "sales", waiting: 2, longest_ms: 74000, free: 0, signed_in: 3 },
        { name: "support", waiting: 0, longest_ms: 0, free: 2, signed_in: 4 },
        { name: "vip", waiting: 0, longest_ms: 0, free: 1, signed_in: 1 },
      ],
      seats: people.slice(0, 2).map((p, i) => ({
        seat: `seat_${i}`, ...p, ...this.seat, display: p.display, since: Date.now() - 65000,
        availability: i === 0 ? this.seat.availability : { is: "not_ready", reason: "break", since: Date.now() - 300000 },
      })),
      waiting: [
        { session: id("ses"), user: "tel:+8613800138000", display: null, medium: "voice", queue: "sales", since: Date.now() - 74000 },
        { session: id("ses"), user: "web:vis_0042", display: "<b>Wang</b> Fang", medium: "chat", queue: "sales", since: Date.now() - 20000 },
      ],
      sessions: 7,
    };
  }

  say(session, by, content, isPrivate = false, messageId = id("msg")) {
    const thread = this.threads.get(session) ?? [];
    this.threads.set(session, thread);
    const message = { seq: thread.length + 1, id: messageId, at: Date.now(), by, content, ...(isPrivate ? { private: true } : {}) };
    thread.push(message);
    const contact = this.contacts.get(session);
    if (contact) contact.last_seq = message.seq;
    this.tell({ type: "message", session, message });
    return message;
  }
  offer(medium) {
    const session = id("ses");
    const reservation = id("res");
    const contact = {
      session, medium, user: medium === "chat" ? "web:vis_0042" : "tel:+8613800138000",
      display: medium === "chat" ? "王芳" : null, dialled: medium === "chat" ? "shop" : "1000", queue: "sales",
      since: Date.now() - 95000, joined: null, standing: { is: "alerting" }, customer: { is: "here" },
      path: ["Menu", "1 Orders"], vars: { order: "A-2291", language: "zh" },
      parties: [{ leg: id("leg"), part: "user", name: "+86 138 0013 8000", up: true }],
      leg: medium === "chat" ? null : id("leg"), last_seq: 0, disposition: null,
    };
    this.contacts.set(session, contact);
    const slot = { is: "alerting", reservation, session, leg: contact.leg ?? id("leg") };
    if (medium === "chat") this.seat.chats.push(slot);
    else this.seat.voice = slot;
    this.say(session, { is: "customer" }, { kind: "text", text: "Hello, where is my order?" });
    this.say(session, { is: "automation" }, {
      kind: "text", text: "What is it about?", choices: [{ value: "1", label: "Orders" }, { value: "2", label: "Returns" }],
    });
    this.say(session, { is: "customer" }, { kind: "text", text: "Orders" });
    const at = Date.now();
    this.state();
    this.tell({ type: "contact", contact });
    if (medium !== "chat") this.ring("leg.summon", { leg: contact.leg, video: medium === "video", ring_s: 20 });
    const { user, display, queue, path } = contact;
    this.tell({ type: "offered", reservation, session, medium, user, display, queue, waited_ms: 42000, path, at, until: at + 20000 });
  }
  ring(type, data) {
    for (const phone of this.phones) phone.send(JSON.stringify({ type, data }));
  }
  legs() {
    return [...this.contacts.values()].filter((c) => c.leg !== null && c.standing.is !== "wrap_up").map((c) => ({ leg: c.leg, state: "up" }));
  }
  contact(session, change) {
    const contact = { ...this.contacts.get(session), ...change };
    this.contacts.set(session, contact);
    this.tell({ type: "contact", contact });
  }
  slot(session, slot) {
    if ("session" in this.seat.voice && this.seat.voice.session === session) this.seat.voice = slot;
    this.seat.chats = this.seat.chats.map((s) => (s.session === session ? slot : s)).filter((s) => s.is !== "free");
    this.state();
  }
  find(reservation) {
    return [this.seat.voice, ...this.seat.chats].find((s) => s.reservation === reservation);
  }

  verb(session, what) {
    const now = Date.now();
    const current = session ?? [...this.contacts.keys()].at(-1);
    switch (what.type) {
      case "sign_in": this.seat = { ...this.seat, device: what.device, availability: { is: "not_ready", reason: "signed_in", since: now } }; break;
      case "sign_out": this.seat = { ...this.seat, availability: { is: "logged_out" } }; break;
      case "ready": this.seat = { ...this.seat, availability: { is: "ready", since: now } }; break;
      case "not_ready": this.seat = { ...this.seat, availability: { is: "not_ready", reason: what.reason, since: now } }; break;
      case "accept": {
        const slot = this.find(what.reservation);
        if (slot === undefined) return "no such offer";
        this.slot(slot.session, { is: "talking", session: slot.session, leg: slot.leg });
        const contact = this.contacts.get(slot.session);
        const parties = [...contact.parties, { leg: slot.leg, part: "agent", name: "Alice Chen", up: true }];
        this.contact(slot.session, { standing: { is: "talk" }, joined: now, parties });
        this.say(slot.session, { is: "centre" }, { kind: "notice", word: "joined", display: "Alice Chen" });
        return null;
      }
      case "decline": {
        const slot = this.find(what.reservation);
        if (slot === undefined) return "no such offer";
        this.slot(slot.session, { is: "free" });
        this.tell({ type: "gone", session: slot.session });
        this.contacts.delete(slot.session);
        return null;
      }
      case "hold": this.contact(current, { standing: { is: what.on ? "hold" : "talk" } }); return null;
      case "to_auto": this.contact(current, { standing: { is: "in_ivr", flow: what.flow ?? "main", step: ["ask_pin", "collect"], listen: false } }); return null;
      case "listen": this.contact(current, { standing: { ...this.contacts.get(current).standing, listen: what.on } }); return null;
      case "take_back":
        this.contact(current, { standing: { is: "talk" } });
        this.tell({ type: "returned", session: current, outcome: { pin: "verified" } });
        return null;
      case "consult": this.contact(current, { standing: { is: "consult", with: what.to.name, answered: true, swapped: false } }); return null;
      case "swap": this.contact(current, { standing: { ...this.contacts.get(current).standing, swapped: !this.contacts.get(current).standing.swapped } }); return null;
      case "merge":
        this.contact(current, {
          standing: { is: "conference" },
          parties: [...this.contacts.get(current).parties, { leg: id("leg"), part: "second", name: "Bob Wu", up: true }],
        });
        return null;
      case "cancel_consult": this.contact(current, { standing: { is: "talk" } }); return null;
      case "hang_up":
        this.ring("leg.bye", { leg: this.contacts.get(current).leg, cause: "normal" });
        this.slot(current, { is: "wrap_up", session: current, until: now + 60000 });
        this.contact(current, { standing: { is: "wrap_up", until: now + 60000 }, customer: { is: "left" } });
        return null;
      case "end_wrap_up":
        this.slot(current, { is: "free" });
        this.contacts.delete(current);
        this.tell({ type: "gone", session: current });
        return null;
      case "say": {
        const message = this.say(current, { is: "agent", agent: "agent:alice", display: "Alice Chen" }, what.content, what.private);
        this.tell({ type: "accepted", session: current, key: what.key, seq: message.seq, at: message.at });
        if (!what.private) setTimeout(() => this.tell({ type: "read", session: current, seq: message.seq }), 300);
        return null;
      }
      case "resume":
        this.tell({ type: "replay", session: current, messages: (this.threads.get(current) ?? []).slice(what.after), more: false });
        return null;
      case "dispose": case "read": case "typing": return null;
      default: return `the pretended centre does not know ${what.type}`;
    }
    this.state();
    this.cast("presence", this.presence());
    return null;
  }

  imCommand(command) {
    if (command.type === "send") {
      const message = {
        id: id("msg"), seq: this.im.length + 1, from: "agent:alice", to: command.to, at: Date.now(), text: command.text,
        ...(command.quote ? { quote: command.quote } : {}),
      };
      this.im.push(message);
      this.cast("im", { type: "stored", from: "agent:alice", key: command.key, message });
    }
  }

  frame(socket, frame) {
    const answer = (type, data) => socket.send(JSON.stringify({ type, id: frame.id, data }));
    if (frame.type === "seat") {
      const why = this.verb(frame.data.session, frame.data.what);
      return why === null ? answer("ok", {}) : answer("refused", { why });
    }
    if (frame.type === "im" && frame.data.type === "look") {
      const messages = this.im.filter((m) => m.from === frame.data.with || m.to === frame.data.with).reverse();
      return answer("im", { type: "conversation", agent: "agent:alice", with: frame.data.with, messages });
    }
    if (frame.type === "im") {
      this.imCommand(frame.data);
      return answer("ok", {});
    }
    if (frame.type === "rtc.token") return answer("rtc.token", { token: "dev" });
    return answer("error", { code: "unknown", detail: frame.type });
  }

  scene(name) {
    const session = [...this.contacts.keys()].at(-1);
    if (name.startsWith("offer-")) this.offer(name.slice(6));
    else if (name === "gone") this.contact(session, { customer: { is: "gone", since: Date.now() } });
    else if (name === "typing") this.tell({ type: "typing", session, by: { is: "customer" } });
    else if (name === "customer") this.say(session, { is: "customer" }, { kind: "text", text: "<img src=x onerror=alert(1)> 谢谢!" });
    else if (name === "im") {
      const message = { id: id("msg"), seq: this.im.length + 1, from: "agent:bob", to: "agent:alice", at: Date.now(), text: "Lunch at twelve?" };
      this.im.push(message);
      this.cast("im", { type: "message", message });
    } else if (name === "cut") for (const socket of [...this.sockets, ...this.phones]) socket.terminate();
    else if (name === "replace") for (const socket of this.sockets) socket.close(4409);
  }
}

function json(res, status, body, type = "application/json") {
  res.statusCode = status;
  res.setHeader("Content-Type", type);
  res.end(JSON.stringify(body));
}

async function bodyOf(req) {
  let text = "";
  for await (const chunk of req) text += chunk;
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const closed = (n) => ({
  id: `ses_${ULID.slice(0, 20)}${String(n).padStart(6, "0")}`, user: "tel:+8613800138000", dialled: "1000", opened: Date.now() - n * 3600000,
  total_ms: 320000, self_service_ms: 40000, queue_ms: 30000, ring_ms: 5000, talk_ms: 200000, hold_ms: 15000, in_ivr_ms: 30000,
  other_ms: 0, wrap_up_ms: 20000, agent: "alice", queue: "sales", cause: "normal",
});

async function rest(centre, req, res) {
  const path = req.url.split("?")[0].replace("/api/v1", "");
  const problem = (status, code, more = {}) => json(res, status, { status, code, title: code, ...more }, "application/problem+json");
  if (path === "/sign-in") {
    const { user, password } = await bodyOf(req);
    if (users[user] === undefined || password !== "demo") {
      centre.fails += 1;
      return centre.fails >= 3 ? problem(429, "locked", { until: Date.now() + 300000 }) : problem(401, "wrong_credentials");
    }
    centre.user = users[user];
  }
  if (centre.user === null) return problem(401, "unauthenticated");
  if (path === "/sign-in" || path === "/me") return json(res, 200, { ...centre.user, until: Date.now() + 3600000, csrf: "dev" });
  if (path === "/sign-out") {
    centre.user = null;
    return json(res, 200, {});
  }
  if (path === "/ws-tickets") return json(res, 200, { ticket: "dev" });
  if (path === "/sessions") return json(res, 200, { data: [1, 2, 5, 26].map(closed), next_cursor: null });
  if (path.startsWith("/sessions/")) {
    return json(res, 200, {
      closed: closed(1),
      facts: ["opened", "queued", "reserved", "joined", "to_auto", "to_human", "closed"].map((type, i) => ({ at: Date.now() - 3600000 + i * 9000, what: { type } })),
      messages: [],
    });
  }
  if (path === "/uploads") return json(res, 200, { file: id("file"), name: "receipt.png", mime: "image/png", size: 48211 });
  return problem(404, "not_found");
}

/** Adds the pretended centre to a server: `use` takes connect-style middleware. */
export function attach(use, httpServer) {
  const centre = new Centre();
  const handle = (req, res, next) => {
    if (req.url.startsWith("/api/v1/")) return void rest(centre, req, res);
    if (req.url.startsWith("/dev/")) {
      centre.scene(req.url.slice(5));
      return json(res, 200, {});
    }
    return next();
  };
  if (typeof use === "function") use(handle);
  else use.use(handle);
  const wss = new WebSocketServer({ noServer: true });
  httpServer.on("upgrade", (req, socket, head) => {
    if (!req.url.startsWith("/ws/")) return;
    wss.handleUpgrade(req, socket, head, (ws) => serve(centre, req.url, ws));
  });
}

/** What a console's phone sends goes to the peer, and its answers back. */
function servePhone(centre, ws) {
  centre.phones.add(ws);
  ws.on("close", () => centre.phones.delete(ws));
  ws.on("message", (text) => centre.peer?.send(String(text)));
  ws.send(JSON.stringify({ type: "ready", data: { epoch: "1", legs: centre.legs() } }));
}

function servePeer(centre, ws) {
  centre.peer = ws;
  ws.on("message", (text) => {
    for (const phone of centre.phones) phone.send(String(text));
  });
}

function serve(centre, path, ws) {
  if (path === "/ws/peer") return servePeer(centre, ws);
  ws.once("message", () => {
    if (path === "/ws/rtc") return servePhone(centre, ws);
    if (path === "/ws/supervisor") {
      ws.send(JSON.stringify({ type: "ready", data: {} }));
      ws.send(JSON.stringify({ type: "board", data: centre.board() }));
      return ws.on("message", (text) => ws.send(JSON.stringify({ type: "ok", id: JSON.parse(text).id })));
    }
    for (const other of centre.sockets) other.close(4409);
    ws.send(JSON.stringify({ type: "ready", data: { epoch: "1", ...centre.user, config, presence: centre.presence() } }));
    centre.sockets.add(ws);
    ws.on("close", () => centre.sockets.delete(ws));
    ws.on("message", (text) => centre.frame(ws, JSON.parse(text)));
    centre.state();
    for (const contact of centre.contacts.values()) centre.tell({ type: "contact", contact });
  });
}
