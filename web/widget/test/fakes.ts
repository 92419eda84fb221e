/** What a browser has and jsdom lacks, as small as the widget needs it. */
import { vi } from 'vitest';
import { FakeSocket } from '../../share/test/fakes';

export { FakeSocket };

class FakeStream {
  #tracks: unknown[] = [];
  addTrack = (t: unknown) => void this.#tracks.push(t);
  removeTrack = (t: unknown) => void (this.#tracks = this.#tracks.filter((o) => o !== t));
  getTracks = () => [...this.#tracks];
  getAudioTracks = () => [...this.#tracks];
}

/** A peer connection that negotiates, and is connected when a test says so. */
export class FakePeer {
  static all: FakePeer[] = [];
  connectionState = 'new';
  signalingState = 'stable';
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  closed = false;

  constructor() {
    FakePeer.all.push(this);
  }

  addTransceiver(): object {
    return { sender: { replaceTrack: () => Promise.resolve(), getStats: () => Promise.resolve(new Map()) }, direction: '' };
  }

  async setLocalDescription(d?: { type: string }): Promise<void> {
    this.signalingState = d?.type === 'rollback' ? 'stable' : 'have-local-offer';
    this.localDescription = { sdp: `offer of peer ${FakePeer.all.indexOf(this)}` };
  }

  async setRemoteDescription(): Promise<void> {
    this.signalingState = 'stable';
  }

  getStats = () => Promise.resolve(new Map());

  be(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close(): void {
    this.closed = true;
  }
}

export function install(): void {
  FakeSocket.all = [];
  FakePeer.all = [];
  localStorage.clear();
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('Audio', class {
    play = () => Promise.resolve();
  });
}

export function uninstall(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
}

/** Lets what was promised happen, without letting time pass. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 30; n++) await Promise.resolve();
}
