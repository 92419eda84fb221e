// The contact's "Collaborate" menu: what can be shared with this customer, and what is shared already.
import { Share2, X } from "lucide-react";
import { useState } from "react";
import { t } from "../i18n";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import type { Contact, Shared } from "../wire/protocol";
import { HandShare } from "./hand-share";
import { JoinLink } from "./join-link";
import { What, useWhat } from "./what";
import s from "./collaborate.module.css";

const NONE: Shared[] = [];

export function Collaborate({ contact }: { contact: Contact }) {
  const [isOpen, setOpen] = useState(false);
  const shared = contact.shared ?? NONE;
  const live = contact.standing.is !== "wrap_up" && contact.standing.is !== "alerting" && contact.standing.is !== "dialling";
  return (
    <section className={s.collaborate} aria-label={t("collab.title")}>
      {shared.length > 0 && <h3>{t("collab.shared")}</h3>}
      <ul>{shared.map((item) => <Item key={item.collab} item={item} contact={contact} live={live} />)}</ul>
      {live && <Button icon={Share2} onPress={() => setOpen(true)}>{t("collab.title")}</Button>}
      <Dialog title={t("collab.title")} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Begin contact={contact} onDone={() => setOpen(false)} />
      </Dialog>
    </section>
  );
}

function Item({ item, contact, live }: { item: Shared; contact: Contact; live: boolean }) {
  const desk = useDesk();
  // Whoever looks on ends nothing.
  const looks = useDeskState((state) => state.invited[item.collab]?.me === "viewer");
  return (
    <li>
      <span>
        <b>{t(`collab.kind.${item.kind}`)}</b>{" "}
        <small>{item.customer ? t("collab.with_customer") : t("collab.without_customer")}</small>
      </span>
      {!looks && (
        <span className={s.acts}>
          {live && item.agent && <HandShare contact={contact} item={item} />}
          <Button icon={X} tone="quiet" label={t("collab.end_of", { what: t(`collab.kind.${item.kind}`) })}
            onPress={() => void desk.verb(contact.session, { type: "end_collab", collab: item.collab })} />
        </span>
      )}
    </li>
  );
}

/** What, and on a phone call the code that the customer's page shows. */
function Begin({ contact, onDone }: { contact: Contact; onDone: () => void }) {
  const desk = useDesk();
  const what = useWhat();
  const [code, setCode] = useState("");
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const byPhone = contact.medium !== "chat";
  // Who writes by a channel has no page of ours before they have opened a link.
  const byChannel = contact.user.startsWith("channel:");
  const hasPage = !byChannel || (contact.shared ?? NONE).some((item) => item.customer);
  const digits = code.replace(/\D/g, "");
  const go = async (): Promise<void> => {
    setBusy(true);
    const refused = await desk.tryVerb(contact.session, {
      type: "collaborate", ...what.wish, ...(digits === "" ? {} : { code: digits }),
    });
    setBusy(false);
    if (refused === null) onDone();
    else setWhy(refused);
  };
  return (
    <form className={s.begin} onSubmit={(event) => {
      event.preventDefault();
      void go();
    }}>
      <What {...what} />
      {byPhone && (
        <>
          <Field label={t("collab.code")} value={code} onChange={setCode} inputMode="tel" />
          <p className={s.hint}>{t("collab.code_hint")}</p>
          <JoinLink session={contact.session} wish={what.wish} onRefused={setWhy} onJoined={onDone} />
        </>
      )}
      {byChannel && <JoinLink session={contact.session} wish={what.wish} onRefused={setWhy} onJoined={onDone} bySending />}
      <p className={s.why} role="alert">{why}</p>
      {!hasPage && <p className={s.hint}>{t(what.wish.kind === "cobrowse" ? "collab.no_page" : "collab.link_first")}</p>}
      <Button type="submit" tone="accent" isDisabled={!hasPage || busy || (digits !== "" && digits.length !== 6)}>{t("collab.begin")}</Button>
    </form>
  );
}
