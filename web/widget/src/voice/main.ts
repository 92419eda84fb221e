/** What the chat loads when a call begins or goes on. */
import { Call } from './call';
import type { CallSettings } from './state';

export { CallPanel } from './panel';

export function createCall(settings: CallSettings): Call {
  return new Call(settings);
}
