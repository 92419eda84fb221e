/** A small centre: numbers messages, knows a repeat by its key, answers `resume`. It only shares the protocol with the widget. */
import type { Send } from '../src/core/chat';
import type { Message, ServerFrame } from '../src/wire';

export class Centre {
  readonly stored: Message[] = [];
  #keys = new Map<string, number>();

  constructor(readonly session = 'ses_1') {}

  ready(): ServerFrame {
    return { type: 'ready', data: { visitor: 'vis_1', epoch: 1, session: { id: this.session, last_seq: this.stored.length } } };
  }

  agentSays(text: string): ServerFrame {
    return this.#deliver(this.#store(text, 'agent'));
  }

  /** What the centre answers to a frame of the widget's. */
  take(frame: Send): ServerFrame[] {
    const data = frame.data as { text?: string; last_seq?: number };
    if (frame.type === 'resume') {
      const rest = this.stored.filter((m) => m.seq > (data.last_seq ?? 0)).map((m) => this.#deliver(m));
      return [...rest, { type: 'replayed', data: { session: this.session, up_to: this.stored.length } }];
    }
    if (frame.type !== 'message.send' || frame.id === undefined) return [];
    const known = this.#keys.get(frame.id);
    if (known !== undefined) return [{ type: 'ack', id: frame.id, data: { seq: known, at: known } }];
    const m = this.#store(data.text ?? '', 'customer');
    this.#keys.set(frame.id, m.seq);
    return [{ type: 'ack', id: frame.id, data: { seq: m.seq, at: m.at } }, this.#deliver(m)];
  }

  #store(text: string, by: 'agent' | 'customer'): Message {
    const seq = this.stored.length + 1;
    const message: Message = { seq, id: `msg_${seq}`, at: seq, by: by === 'agent' ? { is: 'agent', display: 'Alice' } : { is: 'customer' }, content: { kind: 'text', text } };
    this.stored.push(message);
    return message;
  }

  #deliver(message: Message): ServerFrame {
    return { type: 'message', data: { session: this.session, message } };
  }
}
