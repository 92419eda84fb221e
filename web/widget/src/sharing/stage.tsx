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
  const sheets = shares.filter((s) => s.invitation.kind !== 'cobrowse' && s.collab.state.consents.view);
  return (
    <div class="share-stage" lang={lang} data-banner={cobrowse ? (cobrowse.collab.state.consents.pointer || cobrowse.collab.state.consents.control ? 'tall' : 'low') : 'none'}>
      {cobrowse && <Banner share={cobrowse} sharing={sharing} say={say} />}
      <div class="share-cards">
        {sharing.pending && <Pending sharing={sharing} say={say} />}
        {shares.map((share) => <Questions key={share.invitation.collab} share={share} sharing={sharing} say={say} />)}
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
function Questions({ share, sharing, say }: { share: Share; sharing: Sharing; say: Say }) {
  const { link, consents, asked } = share.collab.state;
  const { kind } = share.invitation;
  const name = sharing.name(share);
  if (link === 'up' && !consents.view && share.invitation.by === 'agent') {
    return (
      <Question title={say(`ask_${kind}` as Word, { name })} text={say(`ask_${kind}_sub` as Word)} yes={say('allow')} no={say('not_now')}
        answer={(yes) => sharing.answerView(share, yes)} />
    );
  }
  if (consents.view && (asked === 'pointer' || asked === 'control') && !consents[asked]) {
    return (
      <Question title={say(`ask_${asked}`, { name })} text={say(`ask_${asked}_sub`)} yes={say('allow')} no={say('not_now')}
        answer={(yes) => sharing.consent(share, asked, yes)} />
    );
  }
  if (!share.opening) return null;
  const { url } = share.opening;
  return (
    <Question title={say('opens', { name })} yes={say('open')} no={say('no')} answer={(yes) => sharing.answerOpening(share, yes)}
      text={<><b>{url.host}</b>{url.pathname}{url.search}</>} />
  );
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

function Banner({ share, sharing, say }: { share: Share; sharing: Sharing; say: Say }) {
  const { link, paused, consents, people, recorded } = share.collab.state;
  const name = sharing.name(share);
  const word: Word = link !== 'up' ? 'away' : paused ? 'paused' : people.agent.here ? 'seen' : 'seen_waiting';
  const may = (['pointer', 'control'] as What[]).filter((what) => consents[what]);
  return (
    <>
      <div class="share-frame" data-paused={paused || link !== 'up'} aria-hidden="true" />
      <section class="share-banner" aria-label={say('kind_cobrowse')}>
        <span class="who" role="status">{say(word, { name })}</span>
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

const ELEMENTS = { form: 'ngcc-form', whiteboard: 'ngcc-board', document: 'ngcc-text', cobrowse: '' } as const;

/** A form, a whiteboard or a text in a window of its own. */
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
