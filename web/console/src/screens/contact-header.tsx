// Who this is and how the contact stands, above the conversation.
import { t } from "../i18n";
import { Since, Until } from "../parts/clock";
import { customerOf } from "../parts/names";
import type { Contact } from "../wire/protocol";
import s from "./contact-header.module.css";

export function ContactHeader({ contact }: { contact: Contact }) {
  const { standing, customer } = contact;
  return (
    <header className={s.header}>
      <h1>{customerOf(contact)}</h1>
      <span className={s.standing} data-is={standing.is}>{t(`standing.${standing.is}`)}</span>
      {standing.is === "wrap_up" ? <Until at={standing.until} /> : <Since at={contact.joined ?? contact.since} />}
      <div className={s.presence} role="status">
        {contact.alone === true && <span>{t("contact.alone")}</span>}
        {customer.is === "gone" && <span className={s.gone}>{t("contact.gone")} <Since at={customer.since} /></span>}
        {customer.is === "left" && <span className={s.gone}>{t("contact.left")}</span>}
      </div>
    </header>
  );
}
