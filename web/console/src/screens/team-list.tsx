// The conversations by their last message, the colleagues behind them, and what a search for words finds.
import { Plus, UsersRound } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { dateTime, shortTime, t } from "../i18n";
import { changeText, lastLine, postureOfColleague, talkName } from "../parts/colleague";
import { Button, Field } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { displayOf } from "../parts/names";
import { isMe } from "../store/desk";
import { markOf } from "../store/posture";
import { nameOf, uriOf, type State } from "../store/state";
import { isGroup, ordered, withOf, type Talk } from "../store/team";
import type { ImMessage } from "../wire/protocol";
import { NewGroup } from "./team-group";
import s from "./team.module.css";

/** How long after the last letter the messages are searched. */
const SEARCH_MS = 300;

export function TeamList({ state }: { state: State }) {
  const desk = useDesk();
  const [needle, setNeedle] = useState("");
  const [making, setMaking] = useState(false);
  const wanted = needle.trim().toLowerCase();
  useEffect(() => {
    const timer = window.setTimeout(() => desk.colleagues.search(wanted), wanted === "" ? 0 : SEARCH_MS);
    return () => window.clearTimeout(timer);
  }, [desk, wanted]);
  const talks = ordered(state.team).filter(({ who }) => talkName(state, who).toLowerCase().includes(wanted));
  const begun = new Set(talks.map(({ who }) => who));
  const people = state.config.people.filter((p) => !isMe(state, p.agent) && !begun.has(p.agent)
    && (p.display.toLowerCase().includes(wanted) || nameOf(p.agent).includes(wanted)));
  return (
    <nav className={s.people} aria-label={t("team.people")}>
      <div className={s.find}>
        <Field label={t("team.search")} hideLabel placeholder={t("team.search")} value={needle} onChange={setNeedle} inputMode="search" />
        <Button icon={Plus} label={t("team.new_group")} onPress={() => setMaking(true)} />
      </div>
      <Part title={t("team.talks")} count={talks.length}>
        {talks.map(({ who, talk, last }) => <Row key={who} who={who} state={state} talk={talk} last={last} />)}
      </Part>
      <Part title={t("team.colleagues")} count={people.length}>
        {people.map((p) => <Row key={p.agent} who={p.agent} state={state} talk={null} last={null} />)}
      </Part>
      {wanted !== "" && <Hits state={state} />}
      {making && <NewGroup state={state} onClose={() => setMaking(false)} />}
    </nav>
  );
}

function Part({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  );
}

function Row({ who, state, talk, last }: { who: string; state: State; talk: Talk | null; last: ImMessage | null }) {
  const desk = useDesk();
  const posture = isGroup(who) ? null : postureOfColleague(state, who);
  return (
    <li>
      <button type="button" aria-current={state.talk === who ? "true" : undefined} onClick={() => desk.colleagues.open(who)}>
        {posture === null
          ? <span className={s.mark}><UsersRound size={14} aria-hidden="true" /></span>
          : <span className={s.mark} data-posture={posture} aria-hidden="true">{markOf(posture)}</span>}
        <span className={s.name}>{talkName(state, who)}</span>
        <small>{last === null ? posture !== null && t(`posture.${posture}`) : shortTime(last.at)}</small>
        {last !== null && <span className={s.last}>{lastLine(state, last)}</span>}
        {talk !== null && talk.unread > 0 && <Unread talk={talk} />}
        {last !== null && posture !== null && <span className="sr-only">{t(`posture.${posture}`)}</span>}
      </button>
    </li>
  );
}

/** How many are unread; an `@` says that one of them names the reader. */
function Unread({ talk }: { talk: Talk }) {
  const label = t(talk.named ? "mention.unread" : "inbox.unread", { n: talk.unread });
  return <b role="img" aria-label={label} data-mentioned={talk.named}>{talk.named ? `@${talk.unread}` : talk.unread}</b>;
}

function Hits({ state }: { state: State }) {
  const desk = useDesk();
  const { search } = state.team;
  if (search === null) return null;
  const { hits, next, busy } = search;
  return (
    <section aria-label={t("team.hits")} aria-busy={busy}>
      <h2>{t("team.hits")}</h2>
      {!busy && hits.length === 0 && next === null && <p className={s.nothing}>{t("team.no_hits")}</p>}
      <ul>
        {hits.map((hit) => <Hit key={hit.id} hit={hit} state={state} words={search.words} />)}
      </ul>
      {next !== null && <Button isDisabled={busy} onPress={() => desk.colleagues.further()}>{t("team.more_hits")}</Button>}
    </section>
  );
}

function Hit({ hit, state, words }: { hit: ImMessage; state: State; words: string }) {
  const desk = useDesk();
  const who = withOf(hit, uriOf(state.me?.user ?? ""));
  const text = hit.is === "changed" ? changeText(state, hit) : [hit.text, hit.file?.name ?? ""].filter((part) => part !== "").join(" · ");
  return (
    <li>
      <button type="button" className={s.hit} onClick={() => desk.colleagues.jump(who, hit.n)}>
        <span className={s.name}>{talkName(state, who)}</span>
        <small title={dateTime(hit.at)}>{shortTime(hit.at)}</small>
        <span className={s.last}>{displayOf(state.config.people, hit.from)}: <Marked text={text} words={words} /></span>
      </button>
    </li>
  );
}

/** The words in the text, as they were searched. */
export function Marked({ text, words }: { text: string; words: string }) {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const pattern = new RegExp(`(${wanted.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  return <>{text.split(pattern).map((part, i) => (i % 2 === 1 ? <mark key={i}>{part}</mark> : part))}</>;
}
