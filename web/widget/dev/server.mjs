// Development only: serves dist/ and plays a centre's part of docs/websockets.md well enough to look at the widget.
// `POST /dev/say` {…message} · `POST /dev/status` {…status} · `POST /dev/cut` · `POST /dev/close` · `POST /dev/leg` {…frame}
// steer what a visitor sees; a page at /dev/peer.html answers calls with a tone (see peer.html).
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accept } from './socket.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, '..', 'dist');
const port = Number(process.argv[2] ?? 0);
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const CSP = "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

let epoch = 'dev-1';
const visitors = new Set();
const rtcs = new Set();
let answerer;
let session;
let counter = 0;
let replaced = 0;
const files = new Map();
const legs = new Map();

const log = () => session.messages;
const all = (frame) => visitors.forEach((v) => v.send(frame));
const id = (p) => `${p}_${(++counter).toString(36).padStart(6, '0')}`;

function open() {
  if (session && !session.closed) return;
  session = { id: id('ses'), messages: [], keys: new Map(), closed: false };
  all({ type: 'session.opened', data: { session: session.id } });
}

function add(by, content) {
  open();
  const message = { seq: log().length + 1, id: id('msg'), at: Date.now(), by, content };
  log().push(message);
  all({ type: 'message', data: { session: session.id, message } });
  return message;
}

const bot = (text, choices) => add({ is: 'automation' }, { kind: 'text', text, ...(choices && { choices }) });
const status = (s) => all({ type: 'status', data: { session: session?.id, status: s } });

function greet(lang) {
  const zh = lang?.startsWith('zh');
  bot(zh ? '您好，这里是青禾茶铺。请问需要什么帮助？' : 'Hello, this is Qinghe Tea. What can we do for you?', zh
    ? [{ value: '1', label: '购买咨询' }, { value: '2', label: '订单与物流' }, { value: '3', label: '其他问题' }]
    : [{ value: '1', label: 'Buying tea' }, { value: '2', label: 'My order' }, { value: '3', label: 'Something else' }]);
  status({ is: 'self_service' });
}

function visitor(peer) {
  let lang;
  return {
    frame({ type, id: fid, data }) {
      switch (type) {
        case 'auth':
          lang = data.lang;
          replaced += visitors.size;
          visitors.forEach((v) => v.close(4409));
          visitors.clear();
          visitors.add(peer);
          peer.send({ type: 'ready', data: { visitor: 'vis_dev', epoch, session: session && !session.closed ? { id: session.id, last_seq: log().length } : null, max_upload: 26214400 } });
          return;
        case 'session.start':
          open();
          return greet(lang);
        case 'resume':
          log().filter((m) => m.seq > data.last_seq).forEach((message) => peer.send({ type: 'message', data: { session: session.id, message } }));
          return peer.send({ type: 'replayed', data: { session: session.id, up_to: log().length } });
        case 'message.send': {
          open();
          if (data.text === '/nack') return peer.send({ type: 'nack', id: fid, data: { code: 'too_many' } });
          if (!session.keys.has(fid)) session.keys.set(fid, add({ is: 'customer' }, data.file ? { kind: 'file', ...files.get(data.file).meta } : { kind: 'text', text: data.text }));
          const { seq, at } = session.keys.get(fid);
          return peer.send({ type: 'ack', id: fid, data: { seq, at } });
        }
        case 'session.end':
          session.closed = true;
          return all({ type: 'session.closed', data: { session: session.id, cause: 'customer' } });
        case 'rtc.token':
          return peer.send({ type: 'rtc.token', id: fid, data: { token: id('rtc') } });
      }
    },
    closed: () => visitors.delete(peer),
  };
}

const toLegs = (frame) => rtcs.forEach((r) => r.send(frame));

function rtc(peer) {
  return {
    frame({ type, id: fid, data }) {
      if (type === 'auth') {
        rtcs.add(peer);
        return peer.send({ type: 'ready', data: { epoch, legs: [...legs].map(([leg, state]) => ({ leg, state })) } });
      }
      if (type === 'leg.offer' && !data.leg) {
        const leg = id('leg');
        legs.set(leg, 'calling');
        peer.send({ type: 'leg.created', id: fid, data: { leg } });
        peer.send({ type: 'leg.ringing', data: { leg } });
        return answerer?.send({ leg, sdp: data.sdp, fid });
      }
      if (type === 'leg.offer' || type === 'leg.reattach') return answerer?.send({ leg: data.leg, sdp: data.sdp, fid });
      if (type === 'leg.bye') {
        legs.delete(data.leg);
        return peer.send({ type: 'leg.bye', data: { leg: data.leg, cause: 'normal' } });
      }
      if (type === 'leg.key') keys.push(data.digit);
    },
    closed: () => rtcs.delete(peer),
  };
}
const keys = [];

function peerPage(peer) {
  answerer = peer;
  return {
    frame({ leg, sdp, fid }) {
      toLegs({ type: 'leg.answer', id: fid, data: { leg, sdp } });
      legs.set(leg, 'up');
      toLegs({ type: 'leg.up', data: { leg } });
    },
    closed: () => (answerer = answerer === peer ? undefined : answerer),
  };
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x');
  const json = (value, code = 200) => response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const path = url.pathname;
  try {
    if (path === '/api/v1/visitors') return json({ visitor: 'vis_dev', token: 'dev', until: Date.now() + 864e5 });
    if (path === '/api/v1/uploads') {
      const bytes = await body(request);
      const name = url.searchParams.get('name');
      const mime = { '.png': 'image/png', '.jpg': 'image/jpeg', '.pdf': 'application/pdf' }[extname(name)] ?? 'application/octet-stream';
      const meta = { file: id('fil'), name, mime, size: bytes.length };
      files.set(meta.file, { meta, bytes });
      return json(meta);
    }
    if (path.startsWith('/api/v1/uploads/')) return response.writeHead(200).end(files.get(path.slice(16)).bytes);
    if (path === '/demo/status') return json(DEMO);
    if (path === '/dev/keys') return json(keys);
    if (path === '/dev/count') return json({ visitors: visitors.size, rtcs: rtcs.size, messages: session?.messages.length ?? 0, replaced, legs: legs.size });
    if (path.startsWith('/dev/') && request.method === 'POST') {
      const data = JSON.parse((await body(request)).toString() || '{}');
      steer(path.slice(5), data);
      return json({});
    }
    if (path === '/demo' || path === '/demo/') return await file(join(dist, 'demo', 'index.html'), response);
    if (path.startsWith('/widget/')) return await file(join(dist, path.slice(8)), response);
    if (path.startsWith('/demo/')) return await file(join(dist, path.endsWith('/') ? `${path}index.html` : path), response);
    if (path.startsWith('/dev/')) return await file(join(here, path.slice(5)), response);
    response.writeHead(404).end();
  } catch (why) {
    response.writeHead(404).end(String(why));
  }
});

const DEMO = {
  board: {
    queues: [{ name: 'sales', waiting: 1, free: 0, signed_in: 2 }, { name: 'support', waiting: 0, free: 1, signed_in: 1 }],
    seats: [
      { agent: 'alice', display: 'Alice Chen', availability: { is: 'ready' }, voice: { is: 'free' }, chats: [] },
      { agent: 'bob', display: 'Bob <b>Lin</b>', availability: { is: 'ready' }, voice: { is: 'talking' }, chats: [] },
      { agent: 'sue', display: 'Sue', availability: { is: 'logged_out' }, voice: { is: 'free' }, chats: [] },
    ],
    waiting: [{ session: 'ses_1', medium: 'chat', queue: 'sales' }],
    sessions: 2,
  },
  simulate: true,
};

function steer(what, data) {
  switch (what) {
    case 'say': return add(data.by ?? { is: 'agent', display: 'Alice Chen' }, data.content);
    case 'status': return status(data);
    case 'typing': return all({ type: 'typing', data: { session: session.id, by: { is: 'agent', display: 'Alice Chen' } } });
    case 'read': return all({ type: 'read', data: { session: session.id, seq: log().length } });
    case 'cut': return [...visitors, ...rtcs].forEach((v) => v.cut());
    case 'restart': epoch += '1'; return [...visitors, ...rtcs].forEach((v) => v.cut());
    case 'close': session.closed = true; return all({ type: 'session.closed', data: { session: session.id, cause: 'idle' } });
    case 'forget': session = undefined; legs.clear(); return undefined;
    case 'leg': return [...legs.keys()].forEach((leg) => toLegs({ type: data.type, data: { ...data.data, leg } }));
  }
}

async function file(path, response) {
  const clean = normalize(path);
  const bytes = await readFile(clean);
  response.writeHead(200, { 'content-type': TYPES[extname(clean)] ?? 'application/octet-stream', 'content-security-policy': CSP, 'cache-control': 'no-cache' }).end(bytes);
}

server.on('upgrade', (request, socket) => {
  const to = { '/ws/visitor': visitor, '/ws/rtc': rtc, '/dev/peer': peerPage }[new URL(request.url, 'http://x').pathname];
  if (to) accept(request, socket, to);
  else socket.destroy();
});
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/demo`));
