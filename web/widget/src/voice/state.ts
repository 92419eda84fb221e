/** What a call shows of itself. */
import type { Status } from '../wire';
import type { MicProblem } from './media';

export type Stage = 'idle' | 'asking' | 'connecting' | 'ringing' | 'up' | 'reconnecting' | 'ended';

export interface CallState {
  stage: Stage;
  leg?: string | undefined;
  status?: Status | undefined;
  /** When it was answered, in this page's time. */
  since?: number | undefined;
  muted: boolean;
  listen: boolean;
  problem?: MicProblem | undefined;
  digits: string;
  keypad: boolean;
  camera: boolean;
  cameraFailed: boolean;
  picture: boolean;
  level: number;
  bars: 0 | 1 | 2 | 3;
  mics: { id: string; label: string }[];
  mic: string;
  /** Another tab has the call. */
  elsewhere: boolean;
  /** The browser plays nothing before a click. */
  silenced: boolean;
  ended?: 'bye' | 'lost' | 'refused' | 'blocked' | undefined;
}

/** What a call is told by the widget around it. */
export interface CallSettings {
  server: string;
  entry: string;
  synthetic: boolean;
  name(): string | undefined;
  /** The session of the chat that the call joins. */
  beside(): string | undefined;
  token(): Promise<string>;
}

export function atRest(mic: string): CallState {
  return {
    stage: 'idle', muted: false, listen: false, digits: '', keypad: false, camera: false, cameraFailed: false, picture: false, level: 0, bars: 0,
    mics: [], mic, elsewhere: false, silenced: false,
  };
}

export function busy(state: CallState): boolean {
  return state.stage !== 'idle' && state.stage !== 'ended';
}

/** Whether the other side shows a picture: it is told of talks and conferences, and goes without saying of an automatic step's slate. */
export function shows(status: Status | undefined): boolean {
  return (status?.is === 'talk' || status?.is === 'conference') && status.pictures === true;
}

/** A new state of the session. An automatic step needs keys: the keypad opens itself once for it, and closes behind it. */
export function stands(state: CallState, status: Status): Partial<CallState> {
  const same = state.status?.is === status.is;
  const automatic = status.is === 'self_service' || status.is === 'in_ivr';
  return { status, keypad: same ? state.keypad : automatic, digits: same ? state.digits : '' };
}
