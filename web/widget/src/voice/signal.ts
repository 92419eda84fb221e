/** The socket of calls: a one-time token for every connection, first-frame `auth`, reconnection with pauses. */
import { Backoff } from '../core/backoff';
import { CLOSE, parse, type RtcFrame } from '../wire';
import type { Send } from '../core/chat';

export interface SignalEvents {
  frame(frame: RtcFrame): void;
  lost(): void;
  /** Another page of the same person has the calls now. */
  replaced(): void;
}

const CONNECT_MS = 10_000;

export class Signal {
  #socket: WebSocket | undefined;
  #ready = false;
  #wanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #backoff = new Backoff();

  constructor(
    private readonly server: string,
    private readonly token: () => Promise<string>,
    private readonly on: SignalEvents,
  ) {}

  get open(): boolean {
    return this.#ready;
  }

  connect(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#backoff.reset();
    void this.#dial();
  }

  disconnect(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#ready = false;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  send(frame: Send): boolean {
    if (!this.#ready || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  async #dial(): Promise<void> {
    let token: string;
    try {
      token = await this.token();
    } catch {
      return this.#later();
    }
    if (!this.#wanted) return;
    const socket = new WebSocket(`${this.server.replace(/^http/, 'ws')}/ws/rtc`);
    this.#socket = socket;
    const tooLong = setTimeout(() => socket.close(), CONNECT_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', data: { token } }));
    socket.onmessage = (event) => {
      const frame = parse(event.data);
      if (!frame || socket !== this.#socket) return;
      if (frame.type === 'ready') {
        clearTimeout(tooLong);
        this.#ready = true;
        this.#backoff.reset();
      }
      this.on.frame(frame as RtcFrame);
    };
    socket.onclose = (event) => {
      clearTimeout(tooLong);
      if (socket !== this.#socket) return;
      this.#socket = undefined;
      this.#ready = false;
      if (!this.#wanted) return;
      if (event.code === CLOSE.replaced) {
        this.#wanted = false;
        return this.on.replaced();
      }
      this.on.lost();
      this.#later();
    };
  }

  #later(): void {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#dial(), this.#backoff.next());
  }
}
