/** What can be shared, from the chat's or the call's window; and the code to be read out. */
import { useEffect, useRef } from 'preact/hooks';
import type { Kind } from '@ngcc/share/wire';
import { clock, type Lang } from '../i18n';
import { useNow } from '../ui/hooks';
import { canShow, type Sharing } from './main';
import { sayer, type Say, type Word } from './words';

const KINDS: Kind[] = ['cobrowse', 'screen', 'whiteboard', 'document', 'file', 'url'];

export interface MenuProps { sharing: Sharing; lang: Lang; page: boolean; close(): void }

export function ShareMenu({ sharing, lang, page, close }: MenuProps) {
  const say = sayer(lang);
  const box = useRef<HTMLDivElement>(null);
  const { code } = sharing;
  useEffect(() => {
    box.current?.querySelector<HTMLElement>('button')?.focus();
  }, [code?.is]);
  const pick = (run: () => void, stays = false) => () => {
    run();
    if (!stays) close();
  };
  const on = new Set([...sharing.shares.values()].map((s) => s.invitation.kind));
  // The call's own page has nothing on it to be shared.
  const kinds = KINDS.filter((kind) => !on.has(kind) && !(page && kind === 'cobrowse') && (kind !== 'screen' || canShow()));
  return (
    <div class="share-menu" ref={box} role="dialog" aria-label={say('share')} onKeyDown={(e) => {
      if (e.key === 'Escape') {
        e.stopPropagation();
        close();
      }
    }}>
      {code ? <CodeCard sharing={sharing} say={say} lang={lang} close={pick(() => sharing.closeCode())} /> : (
        <>
          {sharing.pending === undefined && kinds.map((kind) => (
            <button type="button" class="share-item" key={kind} onClick={pick(() => sharing.ask(kind))}>
              <b>{say(`share_${kind}` as Word)}</b><small>{say(`share_${kind}_sub` as Word)}</small>
            </button>
          ))}
          {!page && <button type="button" class="share-item" onClick={pick(() => sharing.askCode(), true)}><b>{say('share_code')}</b><small>{say('share_code_sub')}</small></button>}
          <button type="button" class="share-item" onClick={close}>{say('close')}</button>
        </>
      )}
    </div>
  );
}

function CodeCard({ sharing, say, lang, close }: { sharing: Sharing; say: Say; lang: Lang; close(): void }) {
  const { code } = sharing;
  const now = useNow(1000, code?.is === 'shown');
  const shown = code?.is === 'shown' ? code : undefined;
  const over = shown !== undefined && now >= shown.until;
  return (
    <div class="code-card">
      <b>{say('code_title')}</b>
      <span>{say('code_say')}</span>
      <output class="code" aria-live="polite" aria-label={say('code_title')}>{shown && !over ? shown.code : '······'}</output>
      {shown && <small>{over ? say('code_over') : say('code_until', { time: left(lang, shown.until - now) })}</small>}
      <div class="row">
        {over && <button type="button" class="small primary" onClick={() => sharing.askCode()}>{say('code_new')}</button>}
        <button type="button" class="small" onClick={close}>{say('close')}</button>
      </div>
    </div>
  );
}

/** The time that is left, or the time of day where that is hours away. */
function left(lang: Lang, ms: number): string {
  if (ms > 3_600_000) return clock(lang, Date.now() + ms);
  const s = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}
