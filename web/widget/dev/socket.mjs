// A WebSocket server for development: RFC 6455 text frames, no extensions, no fragments.
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Upgrades a request; `on` gets `{send(object), close(code)}` and gives `{frame(object), closed()}` back. */
export function accept(request, socket, on) {
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  let buffered = Buffer.alloc(0);
  const write = (opcode, payload) => {
    if (socket.destroyed) return;
    const long = payload.length > 125;
    const head = long ? (payload.length < 65536 ? Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 255]) : big(opcode, payload.length)) : Buffer.from([0x80 | opcode, payload.length]);
    socket.write(Buffer.concat([head, payload]));
  };
  const peer = {
    send: (frame) => write(1, Buffer.from(JSON.stringify(frame))),
    close: (code) => {
      write(8, Buffer.from([code >> 8, code & 255]));
      socket.end();
    },
    cut: () => socket.destroy(),
  };
  const handler = on(peer);
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (let f = read(buffered); f; f = read(buffered)) {
      buffered = buffered.subarray(f.size);
      if (f.opcode === 1) handler.frame(JSON.parse(f.payload.toString()));
      else if (f.opcode === 8) peer.close(1000);
      else if (f.opcode === 9) write(10, f.payload);
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => handler.closed());
}

function big(opcode, length) {
  const head = Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

function read(b) {
  if (b.length < 2) return undefined;
  let length = b[1] & 127;
  let at = 2;
  if (length === 126) {
    if (b.length < 4) return undefined;
    length = b.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (b.length < 10) return undefined;
    length = Number(b.readBigUInt64BE(2));
    at = 10;
  }
  if (b.length < at + 4 + length) return undefined;
  const mask = b.subarray(at, at + 4);
  const payload = Buffer.from(b.subarray(at + 4, at + 4 + length));
  for (let i = 0; i < length; i++) payload[i] ^= mask[i & 3];
  return { opcode: b[0] & 15, payload, size: at + 4 + length };
}
