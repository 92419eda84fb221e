// One conversation among colleagues: what was written, how far the others have read it, and where one looks back.
import { Check, CheckCheck, Clock, FileText, Info, RotateCw, Trash2 } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, type ReactNode, type RefObject } from "react";
import { bytes, day, t, timeOfDay, tWord } from "../i18n";
import { changeText, postureOfColleague, talkName } from "../parts/colleague";
import { Button } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { Mentioned } from "../parts/mentioning";
import { displayOf } from "../parts/names";
import { PICTURES } from "../parts/pictures";
import { isMe } from "../store/desk";
import type { State } from "../store/state";
import { isGroup, readers, talkWith, type ImUnsent, type Talk } from "../store/team";
import type { ImFile, ImMessage } from "../wire/protocol";
import { colleaguesFileUrl } from "../wire/rest";
import { QuoteBlock } from "./quote";
import { TeamWrite } from "./team-write";
import s from "./team.module.css";

type Props = { who: string; state: State; details: boolean; onDetails: () => void };

export function TeamTalk({ who, state, details, onDetails }: Props) {
  const talk = talkWith(state.team, who);
  const name = talkName(state, who);
  const group = isGroup(who);
  const typing = state.team.typing[who];
  useSeen(who, talk);
  return (
    <main className={s.talk}>
      <header className={s.head}>
        <h1>{name}</h1>
        {group && talk.loaded && <small>{t("team.members", { n: talk.members.length })}</small>}
        <button type="button" className={s.info} aria-expanded={details} aria-label={t("team.details")} title={t("team.details")} onClick={onDetails}>
          <Info size={18} aria-hidden="true" />
        </button>
      </header>
      {!group && postureOfColleague(state, who) === "offline" && <p className={s.away}>{t("team.away", { who: name })}</p>}
      <Log who={who} state={state} talk={talk} name={name} />
      <p className={s.typing} aria-live="polite">
        {typing !== undefined && t("chat.typing", { who: displayOf(state.config.people, typing.by) })}
      </p>
      {talk.member ? <TeamWrite who={who} name={name} talk={talk} /> : <p className={s.away}>{t("team.not_member")}</p>}
    </main>
  );
}

/** What stands at the end is read once it is shown and the page is looked at. */
function useSeen(who: string, talk: Talk): void {
  const desk = useDesk();
  const { unread, loaded, newer, last } = talk;
  useEffect(() => {
    if (!loaded) return;
    const look = (): void => {
      if (document.visibilityState === "visible" && document.hasFocus()) desk.colleagues.seen(who);
    };
    look();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, [desk, who, unread, loaded, newer, last]);
}

/** At the end unless the reader has scrolled up; where older ones come in, what is read stays where it is. */
function useScroll(talk: Talk, unsent: number, hit: number | null): { box: RefObject<HTMLDivElement | null>; onScroll: () => void } {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef({ first: 0, height: 0, unsent: 0, hit: null as number | null });
  const first = talk.messages[0]?.n ?? 0;
  useLayoutEffect(() => {
    const el = box.current;
    if (el === null) return;
    const was = before.current;
    // Whoever goes back to the end, or writes, is at the end.
    if ((hit === null && was.hit !== null) || unsent > was.unsent) atEnd.current = true;
    const found = hit === null || hit === was.hit ? null : el.querySelector(`[data-n="${hit}"]`);
    if (found !== null) {
      found.scrollIntoView({ block: "center" });
      atEnd.current = false;
    } else if (first < was.first && !atEnd.current) {
      el.scrollTop += el.scrollHeight - was.height;
    } else if (atEnd.current) {
      el.scrollTop = el.scrollHeight;
    }
    before.current = { first, height: el.scrollHeight, unsent, hit: found !== null || hit === null ? hit : was.hit };
  }, [talk.messages, unsent, first, hit]);
  useEffect(() => {
    const el = box.current;
    if (el === null) return;
    // A picture that has loaded, and what stands below, change the room there is.
    const watch = new ResizeObserver(() => {
      if (atEnd.current) el.scrollTop = el.scrollHeight;
    });
    for (const part of [el, el.lastElementChild]) if (part !== null) watch.observe(part);
    return () => watch.disconnect();
  }, [talk.messages, unsent]);
  const onScroll = (): void => {
    const el = box.current;
    if (el !== null) atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < 40;
  };
  return { box, onScroll };
}

function Log({ who, state, talk, name }: { who: string; state: State; talk: Talk; name: string }) {
  const desk = useDesk();
  const unsent = state.team.unsent.filter((u) => u.to === who);
  const hit = state.team.hit?.with === who ? state.team.hit.n : null;
  const { box, onScroll } = useScroll(talk, unsent.length, hit);
  return (
    <>
      <div ref={box} className={s.log} role="log" aria-live="polite" aria-label={t("team.log", { who: name })} tabIndex={0} onScroll={onScroll}>
        {talk.older && <Button tone="quiet" onPress={() => desk.colleagues.older(who)}>{t("team.older")}</Button>}
        {talk.messages.map((message, i) => (
          <Line key={message.id} message={message} before={talk.messages[i - 1]} state={state} talk={talk} isHit={message.n === hit} />
        ))}
        {talk.newer && <Button tone="quiet" onPress={() => desk.colleagues.newer(who)}>{t("team.newer")}</Button>}
        {!talk.newer && unsent.map((one) => <Pending key={one.key} unsent={one} />)}
      </div>
      {talk.newer && <p className={s.back}><Button onPress={() => desk.colleagues.latest(who)}>{t("team.latest")}</Button></p>}
    </>
  );
}

function Line(props: { message: ImMessage; before: ImMessage | undefined; state: State; talk: Talk; isHit: boolean }) {
  const { message, before, state, talk, isHit } = props;
  const newDay = before === undefined || day(before.at) !== day(message.at);
  const shownDay = newDay && <p className={s.notice}>{day(message.at)}</p>;
  if (message.is === "changed") {
    return <>{shownDay}<p className={s.notice} data-n={message.n}>{changeText(state, message)}</p></>;
  }
  const mine = isMe(state, message.from);
  const named = isGroup(message.to) && !mine && (newDay || before?.is !== "said" || before.from !== message.from);
  return (
    <>
      {shownDay}
      {named && <p className={s.author}>{displayOf(state.config.people, message.from)}</p>}
      <div className={s.line} data-mine={mine} data-n={message.n} data-hit={isHit}>
        <Said text={message.text} file={message.file} quote={message.quote === undefined ? null : <QuoteBlock quote={message.quote} />} />
        <span><time>{timeOfDay(message.at)}</time>{mine && <Mark message={message} talk={talk} />}</span>
      </div>
    </>
  );
}

function Said({ text, file, quote }: { text: string; file: ImFile | undefined; quote: ReactNode }) {
  return (
    <>
      {quote}
      {text !== "" && <p><Mentioned text={text} /></p>}
      {file !== undefined && <Attachment file={file} />}
    </>
  );
}

/** How far a message of mine has come. */
function Mark({ message, talk }: { message: ImMessage; talk: Talk }) {
  const n = readers(talk, message);
  if (n === 0) return <Check size={14} aria-label={t("chat.stored")} />;
  if (!isGroup(message.to)) return <CheckCheck size={14} aria-label={t("team.read")} />;
  return <span className={s.read}><CheckCheck size={14} aria-hidden="true" /> {t("team.read_by", { n })}</span>;
}

function Attachment({ file }: { file: ImFile }) {
  const url = colleaguesFileUrl(file.file);
  return (
    <a className={s.file} href={url} download={file.name} target="_blank" rel="noreferrer">
      {PICTURES.includes(file.mime)
        ? <img src={url} alt={file.name} loading="lazy" />
        : <FileText size={20} aria-hidden="true" />}
      <span>{file.name} <small>{bytes(file.size)}</small></span>
    </a>
  );
}

function Pending({ unsent }: { unsent: ImUnsent }) {
  const desk = useDesk();
  return (
    <div className={s.line} data-mine="true">
      <Said text={unsent.text} file={unsent.file ?? undefined} quote={unsent.quote !== null && <QuoteBlock quote={unsent.quote} />} />
      <span>
        {unsent.failed === null
          ? <Clock size={14} aria-label={t("chat.pending")} />
          : (
            <>
              <b>{tWord("why", unsent.failed)}</b>
              <Button icon={RotateCw} label={t("chat.retry")} tone="quiet" onPress={() => desk.colleagues.rewrite(unsent.key)} />
              <Button icon={Trash2} label={t("chat.discard")} tone="quiet" onPress={() => desk.colleagues.discard(unsent.key)} />
            </>
          )}
      </span>
    </div>
  );
}
