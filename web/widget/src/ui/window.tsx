/** The widget's window: header, call, conversation, cards, composer. Not modal: the page stays usable. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { View } from '../app';
import { translator, type Translate } from '../i18n';
import * as storage from '../core/storage';
import { IdleBar, LinkBar, StatusCard } from './cards';
import { Composer, UploadRows, useUploads } from './composer';
import { useNow } from './hooks';
import { Icon } from './icons';
import { Messages } from './messages';

export function Window({ view }: { view: View }) {
  const { desk, lang, open, page, call } = view;
  const t = translator(lang);
  const { chat } = desk;
  const uploads = useUploads(desk, lang, t);
  const [dragged, setDragged] = useState(false);
  const [ending, setEnding] = useState(false);
  const now = useNow(1000, open && chat.typing !== undefined);
  const inCall = call !== undefined && call.state.stage !== 'idle';
  const [chatInCall, setChatInCall] = useState(false);
  useEffect(() => {
    if (!inCall) setChatInCall(false);
  }, [inCall]);
  if (!open) return null;
  const panel = view.CallPanel && call && (page || (inCall && !chatInCall));
  const text = (value: string) => desk.say({ kind: 'text', text: value });
  return (
    <section class={page ? 'window page' : 'window'} role="dialog" aria-modal="false" aria-label={view.brand ?? t('title')} lang={lang}
      onKeyDown={(e) => {
        if (e.key === 'Escape' && !e.isComposing && !page) view.close();
      }}
      onDragOver={(e) => {
        if (!e.dataTransfer?.types.includes('Files') || panel) return;
        e.preventDefault();
        setDragged(true);
      }}
      onDragLeave={(e) => {
        if (!e.currentTarget.contains(e.relatedTarget as Node | null)) setDragged(false);
      }}
      onDrop={(e) => {
        setDragged(false);
        if (!e.dataTransfer?.files.length || panel) return;
        e.preventDefault();
        uploads.add(e.dataTransfer.files);
      }}>
      <Header view={view} t={t} askEnd={() => setEnding(true)} />
      {panel && view.CallPanel && call ? (
        <view.CallPanel call={call} t={t} page={page} video={view.video} leave={view.leaveCall} share={() => view.shareMenu(true)} toChat={page ? undefined : () => setChatInCall(true)} />
      ) : (
        <>
          {inCall && <button type="button" class="bar call-bar" onClick={() => setChatInCall(false)}><Icon name="phone" />{t('call_title')} – {call.words(t)}</button>}
          {call?.state.elsewhere && (
            <p class="bar good" role="status">{t('call_elsewhere')}<button type="button" class="link" onClick={() => void call.bringHere()}>{t('call_here')}</button></p>
          )}
          <LinkBar link={chat.link} t={t} use={() => desk.take()} />
          <Messages chat={chat} t={t} lang={lang} server={desk.settings.server} greeting={view.greets} now={now}
            choose={(value) => text(value)} retry={(k) => desk.retry(k)} discard={(k) => desk.discard(k)} />
          <div class="cards">
            {ending && !chat.closed && (
              <div class="card" role="alertdialog" aria-label={t('end_sure')}>
                <span>{t('end_sure')}</span>
                <button type="button" class="small" onClick={() => setEnding(false)}>{t('cancel')}</button>
                <button type="button" class="small danger" onClick={() => {
                  setEnding(false);
                  desk.end();
                }}>{t('end_yes')}</button>
              </div>
            )}
            <StatusCard status={chat.closed ? undefined : chat.status} t={t} />
            <IdleBar chat={chat} t={t} keep={() => desk.keepOpen()} />
            <UploadRows uploads={uploads} t={t} />
          </div>
          {chat.closed ? (
            <div class="ended" role="status"><span>{t('ended')}</span><button type="button" class="small primary" onClick={() => desk.again()}>{t('again')}</button></div>
          ) : (
            <div class="foot">
              <Actions view={view} t={t} inCall={inCall} text={text} />
              <Composer desk={desk} entry={view.entry} t={t} open={open} uploads={uploads} />
            </div>
          )}
          {dragged && <div class="drop" aria-hidden="true">{t('drop')}</div>}
        </>
      )}
      {view.ShareMenu && view.sharing && <view.ShareMenu sharing={view.sharing} lang={lang} page={page} close={() => view.shareMenu(false)} />}
    </section>
  );
}

function Actions({ view, t, inCall, text }: { view: View; t: Translate; inCall: boolean; text(value: string): void }) {
  const { status } = view.desk.chat;
  const alone = status === undefined || status.is === 'self_service';
  return (
    <div class="actions">
      {alone && <button type="button" class="chip" onClick={() => text(t('person_text'))}><Icon name="person" />{t('person')}</button>}
      {!inCall && <button type="button" class="chip" onClick={() => view.startCall(false)}><Icon name="phone" />{t('call')}</button>}
      {!inCall && view.video && <button type="button" class="chip" onClick={() => view.startCall(true)}><Icon name="video" />{t('video_call')}</button>}
      <button type="button" class="chip" aria-haspopup="dialog" onClick={() => view.shareMenu(true)}><Icon name="share" />{t('share')}</button>
    </div>
  );
}

function Header({ view, t, askEnd }: { view: View; t: Translate; askEnd(): void }) {
  const [menu, setMenu] = useState(false);
  const [quiet, setQuiet] = useState(storage.quiet());
  const button = useRef<HTMLButtonElement>(null);
  const { chat } = view.desk;
  const status = view.call?.state.status ?? chat.status;
  const agent = status && (status.is === 'talk' || status.is === 'in_ivr') ? status.display : undefined;
  const shut = () => {
    setMenu(false);
    button.current?.focus();
  };
  return (
    <div class="head">
      <span class="avatar" aria-hidden="true">{agent ? [...agent][0] : <Icon name="robot" />}</span>
      <h2>{view.brand ?? t('title')}<small>{agent ?? t('assistant')}</small></h2>
      <button type="button" class="round" ref={button} aria-haspopup="menu" aria-expanded={menu} aria-label={t('menu')} onClick={() => setMenu(!menu)}><Icon name="menu" /></button>
      {!view.page && <button type="button" class="round" aria-label={t('minimise')} title={t('minimise')} onClick={view.close}><Icon name="minimise" /></button>}
      {menu && (
        <div class="menu" role="menu" onKeyDown={(e) => {
          if (e.key === 'Escape') {
            e.stopPropagation();
            shut();
          }
          if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
            e.preventDefault();
            move(e.currentTarget, e.key === 'ArrowDown' ? 1 : -1);
          }
        }}>
          <Item label={t('language')} first run={() => {
            view.setLang(view.lang === 'en' ? 'zh-CN' : 'en');
            shut();
          }} />
          <Item label={t(quiet ? 'sound_on' : 'sound_off')} run={() => {
            storage.setQuiet(!quiet);
            setQuiet(!quiet);
            shut();
          }} />
          {chat.session !== undefined && !chat.closed && <Item label={t('end_chat')} run={() => {
            askEnd();
            shut();
          }} />}
        </div>
      )}
    </div>
  );
}

function Item({ label, run, first }: { label: string; run(): void; first?: boolean }) {
  const item = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (first) item.current?.focus();
  }, []);
  return <button type="button" role="menuitem" ref={item} onClick={run}>{label}</button>;
}

/** Moves the focus among a menu's items. */
function move(menu: HTMLElement, by: number): void {
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const root = menu.getRootNode() as ShadowRoot;
  const at = items.indexOf(root.activeElement as HTMLElement);
  items[(at + by + items.length) % items.length]?.focus();
}
