/** What stands over the page while something is shared or asked for: frame, banner, questions, sheets. */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { What } from '@ngcc/share/wire';
import type { Lang } from '../i18n';
import type { Proposal } from '../cobrowse/main';
import type { Share, Sharing } from './main';
import type { Say, Word } from './words';

interface Props { sharing: Sharing; say: Say; lang: Lang }

export function Stage({ sharing, say, lang }: Props) {
  const shares = [...sharing.shares.values()];
  const cobrowse = shares.find((s) => s.invitation.kind === 'cobrowse' && s.collab.state.consents.view);
  const screen = shares.find((s) => s.screen?.shows);
  const sheets = shares.filter((s) => !['cobrowse', 'screen'].includes(s.invitation.kind) && s.collab.state.consents.view);
  return (
    <div class="share-stage" lang={lang} data-banner={(cobrowse && isTall(cobrowse)) || (screen && isTall(screen)) || (cobrowse && screen) ? 'tall' : cobrowse || screen ? 'low' : 'none'}>
      {cobrowse && <Banner share={cobrowse} sharing={sharing} say={say} lang={lang} />}
      {screen && <Banner share={screen} sharing={sharing} say={say} lang={lang} />}
      <div class="share-cards">
        {sharing.pending && <Pending sharing={sharing} say={say} />}
        {shares.map((share) => <Questions key={share.invitation.collab} share={share} sharing={sharing} say={say} lang={lang} />)}
        {sharing.notice !== undefined && (
          <div class="share-card" role="status">
            <span>{sharing.notice}</span>
            <button type="button" class="small" onClick={() => sharing.dismiss()}>{say('close')}</button>
          </div>
        )}
      </div>
      {cobrowse?.proposals.map((p) => <Proposes key={p.n} proposal={p} share={cobrowse} sharing={sharing} say={say} />)}
      {sheets.map((share) => <Sheet key={share.invitation.collab} share={share} sharing={sharing} say={say} lang={lang} />)}
    </div>
  );
}

function Pending({ sharing, say }: { sharing: Sharing; say: Say }) {
  return (
    <div class="share-card" role="status">
      <span>{say(sharing.pending?.joined ? 'pending_agent' : 'pending')}</span>
      <button type="button" class="small" onClick={() => sharing.cancel()}>{say('cancel')}</button>
    </div>
  );
}

/** What the customer is asked: to let the agent see, point, act, or open an address. */
function Questions({ share, sharing, say, lang }: { share: Share } & Props) {
  const { link, consents, asked } = share.collab.state;
  const { kind } = share.invitation;
  const name = sharing.name(share);
  if (kind === 'screen') {
    const { screen } = share;
    if (link !== 'up' || !screen || screen.shows) return null;
    const word = screen.before ? 'again' : consents.view ? 'ready' : 'ask';
    return (
      <Question title={screen.say(lang, word, name)} text={screen.say(lang, 'sub', name)} yes={screen.say(lang, 'choose', name)} no={say('not_now')}
        answer={(yes) => (yes ? void sharing.show(share) : sharing.answerView(share, false))} />
    );
  }
  if (link === 'up' && !consents.view && share.invitation.by === 'agent') {
    return (
      <Question title={say(`ask_${kind}` as Word, { name })} text={<>{say(`ask_${kind}_sub` as Word)} {also(share, say)}</>} yes={say('allow')} no={say('not_now')}
        answer={(yes) => sharing.answerView(share, yes)} />
    );
  }
  if (consents.view && (asked === 'pointer' || asked === 'control') && !consents[asked]) {
    return (
      <Question title={say(`ask_${asked}`, { name })} text={say(`ask_${asked}_sub`)} yes={say('allow')} no={say('not_now')}
        answer={(yes) => sharing.consent(share, asked, yes)} />
    );
  }
  const suggested = share.links?.waiting;
  if (consents.view && suggested) {
    return (
      <Question key={suggested.n} title={say('suggests', { name })} yes={say('open')} no={say('not_now')}
        text={<Address text={suggested.url} />} answer={(yes) => sharing.answerLink(share, suggested, yes)} />
    );
  }
  if (!share.opening) return null;
  const { url } = share.opening;
  return (
    <Question title={say('opens', { name })} yes={say('open')} no={say('no')} answer={(yes) => sharing.answerOpening(share, yes)}
      text={<><b>{url.host}</b>{url.pathname}{url.search}</>} />
  );
}

/** In full, with its host set off: whatever else stands in it may be made to look like one. */
function Address({ text }: { text: string }) {
  const { protocol, host, href } = new URL(text);
  return <>{protocol}//<b>{host}</b>{href.slice(protocol.length + 2 + host.length)}</>;
}

function Question(props: { title: string; text: ComponentChildren; yes: string; no: string; answer(yes: boolean): void }) {
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    yes.current?.focus();
  }, []);
  return (
    <section class="share-card question" role="alertdialog" aria-label={props.title} onKeyDown={(e) => {
      if (e.key === 'Escape') props.answer(false);
    }}>
      <b>{props.title}</b>
      <span>{props.text}</span>
      <div class="row">
        <button type="button" class="small primary" ref={yes} onClick={() => props.answer(true)}>{props.yes}</button>
        <button type="button" class="small" onClick={() => props.answer(false)}>{props.no}</button>
      </div>
    </section>
  );
}

/** Whether the banner says more than that the page is shared. */
function isTall({ collab }: Share): boolean {
  const { consents, until } = collab.state;
  return consents.pointer || consents.control || until !== undefined || collab.lookers.length > 0;
}

/** Who looks on besides, in words; nothing where nobody does. */
function also(share: Share, say: Say): string {
  const { lookers } = share.collab;
  return lookers.length > 0 ? say('also', { names: lookers.join(', ') }) : '';
}

/** Who else looks on, and that sharing goes on though the conversation is over. */
function More({ share, say, lang }: { share: Share; say: Say; lang: Lang }) {
  const { until } = share.collab.state;
  return (
    <span class="more" role="status">
      {also(share, say)}{' '}
      {until !== undefined && say('goes_on', { time: new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit' }).format(until) })}
    </span>
  );
}

function Banner({ share, sharing, say, lang }: { share: Share } & Props) {
  const { link, paused, consents, people, recorded } = share.collab.state;
  const name = sharing.name(share);
  const { kind } = share.invitation;
  const seen = people.agent.here ? 'seen' : 'seen_waiting';
  const stands = link !== 'up' ? say('away') : paused ? say('paused', { name }) : share.screen?.say(lang, seen, name) ?? say(seen, { name });
  const may = (['pointer', 'control'] as What[]).filter((what) => consents[what]);
  return (
    <>
      {kind === 'cobrowse' && <div class="share-frame" data-paused={paused || link !== 'up'} aria-hidden="true" />}
      <section class="share-banner" aria-label={say(`kind_${kind}`)}>
        <span class="who" role="status">{stands}</span>
        <More share={share} say={say} lang={lang} />
        {recorded && <span class="recorded">{say('recorded')}</span>}
        {may.length > 0 && (
          <ul aria-label={say('may')}>
            {may.map((what) => {
              const words = say(`may_${what}` as Word);
              return (
                <li key={what}>{words}<button type="button" aria-label={say('take_back', { what: words })} onClick={() => sharing.consent(share, what, false)}>×</button></li>
              );
            })}
          </ul>
        )}
        <button type="button" disabled={link !== 'up'} onClick={() => sharing.pause(share, !paused)}>{say(paused ? 'go_on' : 'pause')}</button>
        <button type="button" class="stop" onClick={() => sharing.stop(share)}>{say('stop')}</button>
      </section>
    </>
  );
}

/** A value that the agent proposes, at the field it is for. */
function Proposes({ proposal, share, sharing, say }: { proposal: Proposal; share: Share; sharing: Sharing; say: Say }) {
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const place = () => {
      const el = box.current;
      if (!el) return;
      const at = proposal.field.getBoundingClientRect();
      const below = at.bottom + el.offsetHeight + 8 < innerHeight;
      const top = below ? at.bottom + 6 : at.top - el.offsetHeight - 6;
      el.style.left = `${Math.max(8, Math.min(at.left, innerWidth - el.offsetWidth - 8))}px`;
      el.style.top = `${Math.max(8, Math.min(top, innerHeight - el.offsetHeight - 8))}px`;
    };
    proposal.field.scrollIntoView({ block: 'nearest' });
    place();
    addEventListener('scroll', place, { passive: true, capture: true });
    addEventListener('resize', place);
    box.current?.querySelector('button')?.focus();
    return () => {
      removeEventListener('scroll', place, true);
      removeEventListener('resize', place);
    };
  }, [proposal]);
  const title = say('proposes', { name: sharing.name(share) });
  return (
    <section class="share-card proposal" ref={box} role="alertdialog" aria-label={`${title} ${proposal.value}`}>
      <span>{title}</span>
      <b>{proposal.value}</b>
      <div class="row">
        <button type="button" class="small primary" onClick={() => sharing.answerProposal(share, proposal, true)}>{say('accept')}</button>
        <button type="button" class="small" onClick={() => sharing.answerProposal(share, proposal, false)}>{say('no')}</button>
      </div>
    </section>
  );
}

const ELEMENTS = {
  form: 'ngcc-form', whiteboard: 'ngcc-board', document: 'ngcc-text', file: 'ngcc-files', url: 'ngcc-links', cobrowse: '', screen: '',
} as const;

/** What is shared, where it is no page, in a window of its own. */
function Sheet({ share, sharing, say, lang }: { share: Share } & Props) {
  const place = useRef<HTMLDivElement>(null);
  const { kind } = share.invitation;
  const { people, link, recorded } = share.collab.state;
  const name = sharing.name(share);
  const title = say(`kind_${kind}` as Word);
  useEffect(() => {
    if (!share.drawn) return;
    const el = document.createElement(ELEMENTS[kind]) as HTMLElement & { collab?: unknown };
    el.collab = share.collab;
    el.setAttribute('lang', lang);
    place.current?.replaceChildren(el);
  }, [share, lang, share.drawn]);
  return (
    <section class="share-sheet" data-kind={kind} data-minimised={share.minimised} role="dialog" aria-modal="false" aria-label={title}>
      <div class="sheet-head">
        <h2>{title}</h2>
        <span role="status">{link !== 'up' ? say('away') : say(people.agent.here ? 'with' : 'with_waiting', { name })}</span>
        <More share={share} say={say} lang={lang} />
        {recorded && <span class="recorded">{say('recorded')}</span>}
        <button type="button" class="small" aria-expanded={!share.minimised} onClick={() => sharing.minimise(share, !share.minimised)}>
          {say(share.minimised ? 'sheet_show' : 'sheet_minimise')}
        </button>
        <button type="button" class="small danger" onClick={() => sharing.stop(share)}>{say('stop')}</button>
      </div>
      <div class="body" ref={place} hidden={share.minimised} />
    </section>
  );
}
