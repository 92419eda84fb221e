/** The call's panel: where it stands, pictures, keypad, microphone, and the red button at its fixed place. */
import { useEffect, useRef } from 'preact/hooks';
import { duration, type Translate } from '../i18n';
import { useCalm, useNow } from '../ui/hooks';
import { Icon } from '../ui/icons';
import type { Call } from './call';
import { shows } from './state';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
const LETTERS: Record<string, string> = { 2: 'ABC', 3: 'DEF', 4: 'GHI', 5: 'JKL', 6: 'MNO', 7: 'PQRS', 8: 'TUV', 9: 'WXYZ' };
const CALM_MS = 10_000;

interface Props {
  call: Call;
  t: Translate;
  page: boolean;
  video: boolean;
  leave(): void;
  toChat: (() => void) | undefined;
  share(): void;
}

export function CallPanel(props: Props) {
  const { call, t, page } = props;
  const { state } = call;
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!page) panel.current?.focus();
    // On the call's own page the keys work wherever the focus is.
    const keys = (e: KeyboardEvent) => {
      const at = e.composedPath()[0];
      if (e.ctrlKey || e.metaKey || e.altKey || at instanceof HTMLSelectElement || at instanceof HTMLInputElement) return;
      if (/^[0-9*#]$/.test(e.key)) call.key(e.key);
    };
    const where: HTMLElement | Window = page ? window : (panel.current ?? window);
    where.addEventListener('keydown', keys as EventListener);
    return () => where.removeEventListener('keydown', keys as EventListener);
  }, [call, page]);
  const on = !['idle', 'ended'].includes(state.stage);
  return (
    <div class="call" ref={panel} tabIndex={-1} data-stage={state.stage} data-status={state.status?.is ?? ''}>
      <State call={call} t={t} />
      {state.silenced && on && <button type="button" class="small primary" onClick={() => call.hear()}>{t('call_hear')}</button>}
      {(state.picture || state.camera) && <Pictures call={call} t={t} />}
      {state.keypad && on && <Keypad call={call} t={t} />}
      <Microphone call={call} t={t} on={on} />
      {on ? <Controls {...props} /> : <Begin {...props} />}
    </div>
  );
}

function State({ call, t }: { call: Call; t: Translate }) {
  const { state } = call;
  const up = state.stage === 'up' || state.stage === 'reconnecting';
  const now = useNow(1000, up);
  const words = call.words(t);
  const calm = useCalm(words, state.status?.is === 'queue' ? CALM_MS : 0);
  const { status } = state;
  const name = status && 'display' in status ? status.display : undefined;
  return (
    <div class="call-state">
      <span class={`disc is-${state.stage}`} aria-hidden="true">{name ? [...name][0] : <Icon name={state.stage === 'ended' ? 'hang_up' : status?.is === 'self_service' ? 'robot' : 'phone'} />}</span>
      <b>{words}</b>
      <span class="sr" role="status" aria-live="polite">{calm}</span>
      <span class="call-meta">
        {up && state.since !== undefined && <time class="timer">{duration((now - state.since) / 1000)}</time>}
        {up && <Bars n={state.bars} t={t} />}
      </span>
    </div>
  );
}

function Bars({ n, t }: { n: number; t: Translate }) {
  return (
    <svg class="icon bars" viewBox="0 0 24 24" role="img" aria-label={t('quality', { bars: n })} data-bars={n}>
      {[1, 2, 3].map((k) => <rect key={k} x={k * 6 - 2} y={20 - k * 5} width="4" height={k * 5} rx="1" class={k <= n ? 'lit' : ''} />)}
    </svg>
  );
}

function Pictures({ call, t }: { call: Call; t: Translate }) {
  const { picture, status } = call.state;
  // On hold, and when the other side shows none, no pictures come: the last one is not left standing as if it were live.
  const talks = status?.is === 'talk' || status?.is === 'conference';
  const theirs = picture && status?.is !== 'hold' && (!talks || shows(status));
  return (
    <div class="pictures">
      {theirs && <Picture stream={call.remote} label={t('their_picture')} name="theirs" />}
      {call.state.camera && <Picture stream={call.own} label={t('your_picture')} name={theirs ? 'own small-one' : 'own'} />}
    </div>
  );
}

function Picture({ stream, label, name }: { stream: MediaStream; label: string; name: string }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const el = video.current;
    if (!el) return;
    el.srcObject = stream;
    el.play().catch(() => undefined); // The picture starts with the click that starts the sound.
  }, [stream]);
  return <video class={name} ref={video} muted autoPlay playsInline aria-label={label} />;
}

function Keypad({ call, t }: { call: Call; t: Translate }) {
  return (
    <div class="keypad">
      <output aria-label={t('keys_typed')}>{call.state.digits || '\u00a0'}</output>
      <div class="keys">
        {KEYS.map((k) => (
          <button type="button" key={k} onClick={() => call.key(k)}><b>{k}</b><small aria-hidden="true">{LETTERS[k] ?? ''}</small></button>
        ))}
      </div>
    </div>
  );
}

function Microphone({ call, t, on }: { call: Call; t: Translate; on: boolean }) {
  const { state } = call;
  if (state.problem) {
    return <p class="card warn mic-problem" role="alert"><Icon name="mic_off" /><span>{t(`mic_${state.problem}`)}{on && <small>{t('listen_only')}</small>}</span></p>;
  }
  if (!on || state.listen || state.stage === 'asking') return state.cameraFailed ? <p class="card warn"><span>{t('cam_none')}</span></p> : null;
  return (
    <div class="mic">
      <Icon name={state.muted ? 'mic_off' : 'mic'} />
      <meter min={0} max={0.6} value={state.muted ? 0 : state.level} aria-label={t('mic_level')} />
      {state.mics.length > 1 && (
        <select aria-label={t('microphone')} value={state.mic} onChange={(e) => void call.useMicrophone(e.currentTarget.value)}>
          <option value="">{t('mic_default')}</option>
          {state.mics.filter((m) => m.id !== 'default').map((m) => <option key={m.id} value={m.id}>{m.label || m.id.slice(0, 8)}</option>)}
        </select>
      )}
      {state.cameraFailed && <small>{t('cam_none')}</small>}
    </div>
  );
}

function Controls({ call, t, toChat, share }: Props) {
  const { state } = call;
  const can = state.stage === 'up';
  return (
    <div class="controls">
      <Control icon={state.muted ? 'mic_off' : 'mic'} label={t(state.muted ? 'unmute' : 'mute')} pressed={state.muted} off={state.listen} run={() => call.mute(!state.muted)} />
      <Control icon="keypad" label={t('keypad')} pressed={state.keypad} run={() => call.keypad(!state.keypad)} />
      <Control icon="video" label={t(state.camera ? 'call_video_off' : 'call_video_on')} pressed={state.camera} off={!can} run={() => void call.camera(!state.camera)} />
      <Control icon="share" label={t('share')} run={share} />
      {toChat && <Control icon="down" label={t('call_back')} run={toChat} />}
      <button type="button" class="round hang-up" aria-label={t('hang_up')} title={t('hang_up')} onClick={() => call.hangUp()}><Icon name="hang_up" /></button>
    </div>
  );
}

function Control({ icon, label, pressed, off, run }: { icon: Parameters<typeof Icon>[0]['name']; label: string; pressed?: boolean; off?: boolean; run(): void }) {
  return (
    <button type="button" class="round control" aria-label={label} title={label} {...(pressed !== undefined && { 'aria-pressed': pressed })} disabled={off ?? false} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}

function Begin({ call, t, page, video, leave, toChat }: Props) {
  const { stage, elsewhere } = call.state;
  if (elsewhere) return <div class="begin"><button type="button" class="primary big" onClick={() => void call.bringHere()}>{t('call_here')}</button></div>;
  return (
    <div class="begin">
      <button type="button" class="primary big" onClick={() => void call.start(false)}><Icon name="phone" />{t(stage === 'ended' ? 'call_again' : 'call_start')}</button>
      {video && <button type="button" class="big" onClick={() => void call.start(true)}><Icon name="video" />{t('video_call')}</button>}
      {!page && <button type="button" class="big" onClick={leave}>{t(toChat ? 'call_back' : 'call_close')}</button>}
      {stage === 'idle' && <small>{t('call_mic')}</small>}
    </div>
  );
}
