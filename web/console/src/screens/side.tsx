// What is known of the customer: how they came, what they chose, what automation found out, and the
// question to a colleague.
import { UsersRound } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { dateTime, t } from "../i18n";
import { Button } from "../parts/controls";
import { useDeskState } from "../parts/desk";
import type { Contact, Vars } from "../wire/protocol";
import { AskColleague } from "./ask-colleague";
import { Collaborate } from "./collaborate";
import s from "./side.module.css";

const Customer = lazy(() => import("./customer"));

export function Side({ contact }: { contact: Contact }) {
  const returned = useDeskState((state) => state.returned[contact.session]);
  const may = useDeskState((state) => state.me?.permissions.includes("message") ?? false);
  const [asking, setAsking] = useState(false);
  const hasVars = Object.keys(contact.vars).length > 0;
  return (
    <aside className={s.side} aria-label={t("side.title")}>
      <h2>{t("side.title")}</h2>
      <dl className={s.facts}>
        <dt>{t("contact.user")}</dt><dd>{contact.user}</dd>
        <dt>{t("contact.dialled")}</dt><dd>{contact.dialled}</dd>
        {contact.queue !== null && <><dt>{t("contact.queue")}</dt><dd>{contact.queue}</dd></>}
        <dt>{t("contact.since")}</dt><dd>{dateTime(contact.since)}</dd>
        {contact.path.length > 0 && <><dt>{t("contact.path")}</dt><dd>{contact.path.join(" › ")}</dd></>}
      </dl>
      {returned !== undefined && Object.keys(returned).length > 0 && (
        <section>
          <h3>{t("side.returned")}</h3>
          <Chips vars={returned} isFresh />
        </section>
      )}
      {hasVars && (
        <section>
          <h3>{t("side.vars")}</h3>
          <Chips vars={contact.vars} />
        </section>
      )}
      <Collaborate contact={contact} />
      {may && <Button icon={UsersRound} onPress={() => setAsking(true)}>{t("ask.title")}</Button>}
      <Suspense fallback={null}>
        <Customer key={contact.user} session={contact.session} stirred={`${contact.customer.is} ${contact.standing.is}`} />
      </Suspense>
      <AskColleague contact={contact} isOpen={asking} onClose={() => setAsking(false)} />
    </aside>
  );
}

function Chips({ vars, isFresh = false }: { vars: Vars; isFresh?: boolean }) {
  return (
    <ul className={s.chips}>
      {Object.entries(vars).map(([name, value]) => (
        <li key={name} data-fresh={isFresh}><span>{name}</span> <b>{value}</b></li>
      ))}
    </ul>
  );
}
