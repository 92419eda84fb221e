// A5: the messages of a session, those of its self-service too, and the composer.
import { Check, CheckCheck, CircleAlert, Clock, FileText, RotateCw, Trash2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { bytes, t, timeOfDay } from "../i18n";
import { Button } from "../parts/controls";
import { noticeText } from "../parts/content";
import { useDesk, useDeskState } from "../parts/desk";
import { Mentioned } from "../parts/mentioning";
import { authorOf, customerOf } from "../parts/names";
import { PICTURES } from "../parts/pictures";
import { emptyThread, lastSeq, type Thread, type Unsent } from "../store/thread";
import type { Author, Contact, Content, Delivery, Message } from "../wire/protocol";
import { fileUrl } from "../wire/rest";
import { ChannelState } from "./channel-state";
import { Composer } from "./composer";
import s from "./chat.module.css";

const GROUP_MS = 60_000;

export function Chat({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const { session } = contact;
  const thread = useDeskState((state) => state.threads[session] ?? emptyThread);
  const typing = useDeskState((state) => state.typing[session]);
  const customer = customerOf(contact);
  const seq = lastSeq(thread);
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible") desk.lookAt(session);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [desk, session, seq]);
  return (
    <section className={s.chat} aria-label={t("chat.title")}>
      <Log thread={thread} customer={customer} session={session} delivery={contact.delivery} />
      {contact.delivery !== undefined && <ChannelState delivery={contact.delivery} />}
      <p className={s.typing} aria-live="polite">
        {typing !== undefined && t("chat.typing", { who: authorOf(typing.by, customer) })}
      </p>
      <Composer contact={contact} />
    </section>
  );
}

/** The messages, at the bottom unless the reader has scrolled up. */
export function Log(props: { thread: Thread; customer: string; session: string; delivery?: Delivery | undefined }) {
  const { thread, customer, session, delivery } = props;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const count = thread.messages.length + thread.unsent.length;
  useEffect(() => {
    const el = box.current;
    if (el === null) return;
    const follow = (): void => {
      if (atEnd.current) el.scrollTop = el.scrollHeight;
    };
    follow();
    // What is said of a message, a picture that has loaded and what stands below change the room there is.
    const watch = new ResizeObserver(follow);
    for (const part of [el, el.lastElementChild]) if (part !== null) watch.observe(part);
    return () => watch.disconnect();
  }, [thread, delivery]);
  return (
    <div ref={box} className={s.log} role="log" aria-live="polite" aria-label={t("chat.log")} tabIndex={0}
      onScroll={(event) => {
        const el = event.currentTarget;
        atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < 40;
      }}>
      {count === 0 && <p className={s.nothing}>{t("chat.nothing")}</p>}
      {thread.messages.map((message, i) => (
        <Line key={message.seq} message={message} before={thread.messages[i - 1]} customer={customer} seen={thread.seen} delivery={delivery} />
      ))}
      {thread.unsent.map((unsent) => <Pending key={unsent.key} unsent={unsent} session={session} />)}
    </div>
  );
}

function sameAuthor(a: Author, b: Author): boolean {
  return a.is === b.is && (a.is !== "agent" || b.is !== "agent" || a.agent === b.agent);
}

function Line(props: {
  message: Message; before: Message | undefined; customer: string; seen: number; delivery: Delivery | undefined;
}) {
  const { message, before, customer, seen, delivery } = props;
  if (message.content.kind === "notice") return <p className={s.notice}>{noticeText(message.content)}</p>;
  const joined = before !== undefined && before.content.kind !== "notice" && sameAuthor(before.by, message.by)
    && before.private === message.private && message.at - before.at < GROUP_MS;
  const ours = message.by.is === "agent";
  return (
    <div className={s.line} data-by={message.by.is} data-private={message.private === true} data-seq={message.seq}>
      {!joined && (
        <p className={s.author}>
          {authorOf(message.by, customer)}{message.private === true && <> · {t("chat.private")}</>}
        </p>
      )}
      <div className={s.bubble}>
        {message.private === true && message.content.kind === "text"
          ? <p className={s.text}><Mentioned text={message.content.text} /></p>
          : <Body content={message.content} />}
        <span className={s.meta}>
          <time>{timeOfDay(message.at)}</time>
          {ours && message.private !== true && <Mark seq={message.seq} seen={seen} delivery={delivery} />}
        </span>
      </div>
    </div>
  );
}

/** How far a message of ours has come. */
function Mark({ seq, seen, delivery }: { seq: number; seen: number; delivery: Delivery | undefined }) {
  if (seq <= seen) return <CheckCheck size={14} aria-label={t("chat.seen")} />;
  if (delivery === undefined) return <Check size={14} aria-label={t("chat.stored")} />;
  if (delivery.refused?.includes(seq)) return <b><CircleAlert size={14} aria-hidden="true" /> {t("delivery.refused")}</b>;
  if (seq > delivery.up_to) return <Clock size={14} aria-label={t("delivery.waits")} />;
  return <CheckCheck size={14} aria-label={t("delivery.given")} />;
}

export function Body({ content }: { content: Content }) {
  switch (content.kind) {
    case "text":
      return (
        <>
          <p className={s.text}>{content.text}</p>
          {content.choices !== undefined && content.choices.length > 0 && (
            <ul className={s.choices} aria-label={t("chat.choices")}>
              {content.choices.map((choice) => <li key={choice.value}>{choice.label}</li>)}
            </ul>
          )}
        </>
      );
    case "file":
      return <Attachment file={content} />;
    case "masked":
      return <p className={s.text}>{t("chat.masked")}</p>;
    case "notice":
      return <p className={s.text}>{noticeText(content)}</p>;
  }
}

function Attachment({ file }: { file: Extract<Content, { kind: "file" }> }) {
  const url = fileUrl(file.file);
  return (
    <a className={s.file} href={url} download={file.name} target="_blank" rel="noreferrer">
      {PICTURES.includes(file.mime)
        ? <img src={url} alt={file.name} loading="lazy" />
        : <FileText size={20} aria-hidden="true" />}
      <span>{file.name} <small>{bytes(file.size)}</small></span>
    </a>
  );
}

function Pending({ unsent, session }: { unsent: Unsent; session: string }) {
  const desk = useDesk();
  return (
    <div className={s.line} data-by="agent" data-private={unsent.private}>
      <div className={s.bubble} data-pending="true">
        <Body content={unsent.content} />
        <span className={s.meta}>
          {unsent.failed === null
            ? <Clock size={14} aria-label={t("chat.pending")} />
            : (
              <>
                <b>{t(`nack.${unsent.failed}`)}</b>
                <Button icon={RotateCw} label={t("chat.retry")} tone="quiet" onPress={() => desk.retry(session, unsent.key)} />
                <Button icon={Trash2} label={t("chat.discard")} tone="quiet"
                  onPress={() => desk.store.dispatch({ type: "say_discarded", session, key: unsent.key })} />
              </>
            )}
        </span>
      </div>
    </div>
  );
}
