import type { Translate } from '../i18n';
import type { CallState } from './state';

/** The line that tells where the call stands. */
export function says(state: CallState, t: Translate): string {
  switch (state.stage) {
    case 'idle':
      return t(state.elsewhere ? 'call_elsewhere' : 'call_ready');
    case 'asking':
      return t('call_asking');
    case 'connecting':
      return t('call_connecting');
    case 'ringing':
      return t('call_ringing');
    case 'reconnecting':
      return t('call_reconnecting');
    case 'ended':
      return ended(state, t);
    case 'up':
      return up(state, t);
  }
}

function ended(state: CallState, t: Translate): string {
  switch (state.ended) {
    case 'lost': return t('call_lost');
    case 'refused': return t('call_refused');
    case 'blocked': return t('call_blocked');
    case 'bye':
    case undefined: return t('call_ended');
  }
}

function up({ status }: CallState, t: Translate): string {
  switch (status?.is) {
    case 'self_service': return t('call_auto');
    case 'in_ivr': return t('call_auto_step');
    case 'queue': return t('call_queue', { position: status.position });
    case 'ringing': return t('ringing');
    case 'talk': return status.unreachable ? t('unreachable', { name: status.display }) : t('call_talk', { name: status.display });
    case 'hold': return t('call_hold');
    case 'conference': return t('call_conference');
    case 'closed':
    case undefined: return t('call_up');
  }
}
