// The contacts of the seat, in the order in which they came.
import { MessageSquare, Phone, Video } from "lucide-react";
import { t } from "../i18n";
import { Since, Until } from "../parts/clock";
import { useDesk, useDeskState } from "../parts/desk";
import { customerOf } from "../parts/names";
import { contentLine } from "../parts/content";
import { emptyThread, unread } from "../store/thread";
import type { Contact, Medium } from "../wire/protocol";
import s from "./contact-list.module.css";

const ICON: Record<Medium, typeof Phone> = { voice: Phone, video: Video, chat: MessageSquare };

export function ContactList({ current }: { current: string | null }) {
  const order = useDeskState((state) => state.order);
  const contacts = useDeskState((state) => state.contacts);
  return (
    <nav className={s.list} aria-label={t("inbox.mine")}>
      <h2>{t("inbox.mine")} <span>{order.length}</span></h2>
      {order.length === 0 && <p className={s.none}>{t("inbox.none")}</p>}
      <ul>
        {order.map((session, at) => {
          const contact = contacts[session];
          const together = contact?.beside != null && order[at - 1] === contact.beside;
          return contact !== undefined
            && <Row key={session} contact={contact} isCurrent={session === current} together={together} />;
        })}
      </ul>
    </nav>
  );
}

function Row({ contact, isCurrent, together }: { contact: Contact; isCurrent: boolean; together: boolean }) {
  const desk = useDesk();
  const thread = useDeskState((state) => state.threads[contact.session] ?? emptyThread);
  const Icon = ICON[contact.medium];
  const last = thread.messages.filter((m) => m.content.kind !== "notice").at(-1);
  const n = isCurrent ? 0 : unread(thread);
  const { standing } = contact;
  return (
    <li>
      <button type="button" className={s.row} data-together={together || undefined} aria-current={isCurrent ? "true" : undefined}
        onClick={() => desk.store.dispatch({ type: "select", session: contact.session })}>
        <Icon size={18} aria-hidden="true" />
        <span className={s.who}>{customerOf(contact)}</span>
        <span className={s.time}>
          {standing.is === "wrap_up" ? <Until at={standing.until} /> : <Since at={contact.joined ?? contact.since} />}
        </span>
        <span className={s.last}>
          <b data-posture={postureOf(standing.is)}>{t(`standing.${standing.is}`)}</b>
          {last !== undefined && <> · {contentLine(last.content)}</>}
        </span>
        {n > 0 && <b className={s.badge} aria-label={t("inbox.unread", { n })}>{n}</b>}
      </button>
    </li>
  );
}

/** The colour of a standing: the same as of the seat in it. */
function postureOf(is: Contact["standing"]["is"]): string {
  switch (is) {
    case "alerting": case "dialling": return "ringing";
    case "talk": case "conference": return "talking";
    case "hold": return "held";
    case "consult": return "consulting";
    case "in_ivr": return "in_ivr";
    case "wrap_up": return "wrap_up";
  }
}
