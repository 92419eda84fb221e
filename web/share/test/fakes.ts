/** Sockets that were opened, newest last; a test plays the server's part on them. */
export class FakeSocket {
  static OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: { type: string; id?: string; data: Record<string, unknown> }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  tell(type: string, data: object, id?: string): void {
    this.onmessage?.({ data: JSON.stringify({ type, data, ...(id !== undefined && { id }) }) });
  }

  send(raw: string): void {
    this.sent.push(JSON.parse(raw) as FakeSocket['sent'][number]);
  }

  of(type: string): FakeSocket['sent'] {
    return this.sent.filter((f) => f.type === type);
  }

  close(code = 1000): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

export const READY = {
  collab: 'col_1', kind: 'cobrowse', session: 'ses_1', me: 'customer', by: 'agent', paused: false, recorded: false, state: null,
  people: { customer: { name: 'Wang', here: true }, agent: { name: 'Alice', here: true } },
  consents: { view: false, pointer: false, control: false },
};
