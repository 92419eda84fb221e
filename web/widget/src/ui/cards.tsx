/** Where the session stands, as cards and bars between the conversation and the composer. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chat, Link } from '../core/chat';
import { duration, type Translate } from '../i18n';
import type { Status } from '../wire';
import { useCalm, useNow } from './hooks';
import { Icon } from './icons';

/** Read aloud at most so often. */
const CALM_MS = 10_000;
const BACK_SHOWN_MS = 2000;

/** The bar on top: only what is not as it should be, and two seconds of "connected again". */
export function LinkBar({ link, t, use }: { link: Link; t: Translate; use(): void }) {
  const was = useRef(link);
  const [back, setBack] = useState(false);
  useEffect(() => {
    const before = was.current;
    was.current = link;
    if (link !== 'open' || before === 'open' || before === 'idle' || before === 'mirror') return;
    if (!hadTrouble.current) return;
    hadTrouble.current = false;
    setBack(true);
    const timer = setTimeout(() => setBack(false), BACK_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [link]);
  const hadTrouble = useRef(false);
  if (link === 'waiting') hadTrouble.current = true;
  if (link === 'open') return back ? <p class="bar good" role="status">{t('back')}</p> : null;
  if (link === 'replaced' || link === 'mirror') {
    return <p class="bar" role="status">{t(link)}<button type="button" class="link" onClick={use}>{t('use_here')}</button></p>;
  }
  if (link === 'refused') return <p class="bar bad" role="alert">{t('refused')}</p>;
  if (link === 'idle') return null;
  if (!hadTrouble.current) return <p class="bar quiet" role="status">{t('connecting')}</p>;
  return navigator.onLine ? <p class="bar warn" role="status">{t('reconnecting')}</p> : <p class="bar bad" role="status">{t('offline')}</p>;
}

export function StatusCard({ status, t }: { status: Status | undefined; t: Translate }) {
  const text = status ? words(status, t) : '';
  const calm = useCalm(text, CALM_MS);
  return (
    <>
      {status?.is === 'queue' && (
        <div class="card queue">
          <span class="place" aria-hidden="true">{status.position}</span>
          <div>
            <b>{t('queue_title', { position: status.position })}</b>
            <span>{estimate(status, t)}</span>
            <small>{t('queue_browse')}</small>
          </div>
        </div>
      )}
      {status && ['ringing', 'hold', 'in_ivr', 'conference'].includes(status.is) && <div class="card">{<Icon name={status.is === 'in_ivr' ? 'robot' : 'clock'} />}<span>{text}</span></div>}
      {status?.is === 'talk' && status.unreachable && <div class="card warn"><Icon name="clock" /><span>{text}</span></div>}
      <p class="sr" role="status" aria-live="polite">{calm}</p>
    </>
  );
}

/** "This chat closes in 2:00". */
export function IdleBar({ chat, t, keep }: { chat: Chat; t: Translate; keep(): void }) {
  const on = chat.closesAt !== undefined && !chat.closed;
  const now = useNow(1000, on);
  if (!on || chat.closesAt === undefined) return null;
  const left = Math.ceil((chat.closesAt - now) / 1000);
  return (
    <div class="card warn idle" role="alert">
      <Icon name="clock" />
      <span aria-live="off">{t('closes_in', { time: duration(left) })}</span>
      <button type="button" class="small primary" onClick={keep}>{t('keep_open')}</button>
    </div>
  );
}

export function words(status: Status, t: Translate): string {
  switch (status.is) {
    case 'queue':
      return `${t('queue_title', { position: status.position })}. ${estimate(status, t)}`;
    case 'talk':
      return status.unreachable ? t('unreachable', { name: status.display }) : '';
    case 'in_ivr':
      return t('in_ivr', { name: status.display });
    case 'ringing':
      return t('ringing');
    case 'hold':
      return t('hold');
    case 'conference':
      return t('conference');
    case 'self_service':
    case 'closed':
      return '';
  }
}

function estimate(status: Extract<Status, { is: 'queue' }>, t: Translate): string {
  if (status.estimate_s === undefined) return status.position === 1 ? t('queue_next') : '';
  return status.estimate_s < 60 ? t('queue_soon') : t('queue_estimate', { minutes: Math.round(status.estimate_s / 60) });
}
