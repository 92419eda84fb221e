// A7: colleagues: who is there, and what was written to whom. Offline colleagues get it when they come.
import { Check, Clock, MessagesSquare, RotateCw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { t, timeOfDay } from "../i18n";
import { isSend } from "../keys/shortcuts";
import { Button, Empty, Field } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { Mentioned, useMentions } from "../parts/mentioning";
import { displayOf } from "../parts/names";
import { isMe } from "../store/desk";
import { markOf, ofAvailability, type Posture } from "../store/posture";
import type { State } from "../store/state";
import { emptyTalk, type Talk as TalkData } from "../store/team";
import { QuoteBlock } from "./quote";
import s from "./team.module.css";

function postureOfColleague(state: State, agent: string): Posture {
  const present = state.presence.find((p) => p.agent === agent);
  if (present === undefined) return "offline";
  if (present.busy) return "talking";
  const { posture } = ofAvailability(present.availability);
  // Somebody may read messages without serving customers.
  return posture === "offline" && present.here === true ? "here" : posture;
}

export default function Team() {
  const desk = useDesk();
  const state = useDeskState((st) => st);
  const [needle, setNeedle] = useState("");
  const people = state.config.people
    .filter((p) => !isMe(state, p.agent) && p.display.toLowerCase().includes(needle.trim().toLowerCase()));
  return (
    <div className={s.team}>
      <nav className={s.people} aria-label={t("team.people")}>
        <Field label={t("team.search")} hideLabel placeholder={t("team.search")} value={needle} onChange={setNeedle} inputMode="search" />
        <ul>
          {people.map((p) => {
            const posture = postureOfColleague(state, p.agent);
            const talk = state.team.talks[p.agent] ?? emptyTalk;
            return (
              <li key={p.agent}>
                <button type="button" aria-current={state.talk === p.agent ? "true" : undefined} onClick={() => desk.openTalk(p.agent)}>
                  <span className={s.mark} data-posture={posture} aria-hidden="true">{markOf(posture)}</span>
                  <span className={s.name}>{p.display}</span>
                  <small>{t(`posture.${posture}`)}</small>
                  {talk.unread > 0 && <Unread talk={talk} />}
                </button>
              </li>
            );
          })}
        </ul>
      </nav>
      {state.talk === null
        ? (
          <main className={s.none}>
            <h1 className="sr-only">{t("nav.team")}</h1>
            <Empty icon={MessagesSquare} title={t("team.choose")} />
          </main>
        )
        : <Talk key={state.talk} who={state.talk} state={state} />}
    </div>
  );
}

/** How many are unread; an `@` says that one of them names the reader. */
function Unread({ talk }: { talk: TalkData }) {
  const label = t(talk.mentioned ? "mention.unread" : "inbox.unread", { n: talk.unread });
  return <b aria-label={label} data-mentioned={talk.mentioned}>{talk.mentioned ? `@${talk.unread}` : talk.unread}</b>;
}

function Talk({ who, state }: { who: string; state: State }) {
  const desk = useDesk();
  const talk = state.team.talks[who] ?? emptyTalk;
  const unsent = state.team.unsent.filter((u) => u.to === who);
  const name = displayOf(state.config.people, who);
  const away = postureOfColleague(state, who) === "offline";
  const box = useRef<HTMLDivElement>(null);
  const count = talk.messages.length + unsent.length;
  useEffect(() => {
    const el = box.current;
    if (el !== null) el.scrollTop = el.scrollHeight;
  }, [count]);
  return (
    <main className={s.talk}>
      <h1>{name}</h1>
      {away && <p className={s.away}>{t("team.away", { who: name })}</p>}
      <div ref={box} className={s.log} role="log" aria-live="polite" aria-label={t("team.log", { who: name })} tabIndex={0}>
        {!talk.complete && talk.messages.length > 0 && <Button tone="quiet" onPress={() => desk.older(who)}>{t("team.older")}</Button>}
        {talk.messages.map((m) => (
          <div key={m.id} className={s.line} data-mine={isMe(state, m.from)}>
            {m.quote !== undefined && <QuoteBlock quote={m.quote} />}
            <p><Mentioned text={m.text} /></p>
            <span><time>{timeOfDay(m.at)}</time>{isMe(state, m.from) && <Check size={14} aria-label={t("chat.stored")} />}</span>
          </div>
        ))}
        {unsent.map((u) => (
          <div key={u.key} className={s.line} data-mine="true">
            {u.quote !== null && <QuoteBlock quote={u.quote} />}
            <p><Mentioned text={u.text} /></p>
            <span>
              {u.failed === null
                ? <Clock size={14} aria-label={t("chat.pending")} />
                : <><b>{u.failed}</b><Button icon={RotateCw} label={t("chat.retry")} tone="quiet" onPress={() => desk.rewrite(u.key)} /></>}
            </span>
          </div>
        ))}
      </div>
      <Write who={who} name={name} />
    </main>
  );
}

function Write({ who, name }: { who: string; name: string }) {
  const desk = useDesk();
  const [text, setText] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const names = useMentions(area, text, setText, true);
  const send = (): void => {
    if (text.trim() === "") return;
    desk.write(who, text.trim(), null);
    // Whoever else is named is told by a message of their own.
    desk.tellMentioned(text.trim(), null, who);
    setText("");
  };
  return (
    <div className={s.write}>
      {names.list}
      <textarea ref={area} rows={2} autoFocus {...names.aria} onSelect={names.look} value={text} aria-label={t("team.write", { who: name })} placeholder={t("team.write", { who: name })}
        onChange={(event) => {
          setText(event.target.value);
          names.restart();
          names.look();
        }}
        onKeyDown={(event) => {
          if (!names.onKey(event)) {
            if (!isSend(event.nativeEvent)) return;
            send();
          }
          event.preventDefault();
        }} />
      <Button tone="accent" onPress={send} isDisabled={text.trim() === ""}>{t("chat.send")}</Button>
    </div>
  );
}
