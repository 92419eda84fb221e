/** What the chat loads when a call begins or goes on. */
import { Call, type CallSettings } from './call';

export { CallPanel } from './panel';

export function createCall(settings: CallSettings): Call {
  return new Call(settings);
}
