// A3: offers. A card each with who, from where, the path so far and the seconds left; ring, title and a
// desktop notification, so that it is noticed wherever the agent looks.
import { Check, ChevronDown, MessageSquare, Phone, Video, X } from "lucide-react";
import { useEffect, useState } from "react";
import { clock, t } from "../i18n";
import { useCommands, useHint } from "../keys/use";
import { CountdownRing } from "../parts/clock";
import { Button, MenuButton } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { customerOf, displayOf } from "../parts/names";
import { ring } from "../rtc/audio";
import { offersOf, type Shown } from "../store/offers";
import type { DeclineReason, Medium } from "../wire/protocol";
import type { Customer } from "../wire/rest";
import s from "./offers.module.css";

const REASONS: DeclineReason[] = ["busy", "wrong_skill", "technical"];
const ICON: Record<Medium, typeof Phone> = { voice: Phone, video: Video, chat: MessageSquare };

export function Offers() {
  const desk = useDesk();
  const offers = offersOf(useDeskState((state) => state));
  const first = offers[0];
  useCommands((command) => {
    if (first === undefined) return false;
    if (command === "accept") void desk.accept(first.reservation, first.session);
    else if (command === "decline") void desk.verb(null, { type: "decline", reservation: first.reservation });
    else return false;
    return true;
  });
  useAttention(first);
  return (
    <div className={s.stack} role="region" aria-label={t("offer.region")} aria-live="assertive">
      {offers.map((offer) => <Card key={offer.reservation} offer={offer} isFirst={offer === first} />)}
    </div>
  );
}

function Card({ offer, isFirst }: { offer: Shown; isFirst: boolean }) {
  const desk = useDesk();
  const people = useDeskState((state) => state.config.people);
  const [accept, decline] = [useHint("accept"), useHint("decline")];
  const Icon = ICON[offer.medium];
  const who = useCustomer(offer.session);
  const refuse = (reason?: DeclineReason): void =>
    void desk.verb(null, { type: "decline", reservation: offer.reservation, ...(reason === undefined ? {} : { reason }) });
  return (
    <section className={s.card} aria-label={t(`offer.${offer.medium}`)}>
      <header>
        <span className={s.medium}><Icon size={18} aria-hidden="true" /> {t(`offer.${offer.medium}`)}</span>
        {offer.until !== null && <CountdownRing from={offer.at} until={offer.until} />}
      </header>
      <h2>{who?.name ?? customerOf(offer)}</h2>
      <dl>
        {who !== null && who.labels.length > 0 && <><dt>{t("customer.labels")}</dt><dd>{who.labels.map((label) => `#${label}`).join(" ")}</dd></>}
        {offer.queue !== null && <><dt>{t("contact.queue")}</dt><dd>{offer.queue}</dd></>}
        {offer.waited_ms !== null && <><dt>{t("offer.waited")}</dt><dd>{clock(offer.waited_ms)}</dd></>}
        {offer.shared !== undefined && <><dt>{t("collab.shared")}</dt><dd>{offer.shared.map((kind) => t(`collab.kind.${kind}`)).join(", ")}</dd></>}
        {offer.declined !== undefined && <><dt>{t("offer.declined")}</dt><dd>{t(`decline.by.${offer.declined.reason}`, { who: displayOf(people, offer.declined.by) })}</dd></>}
        {offer.path.length > 0 && <><dt>{t("contact.path")}</dt><dd>{offer.path.join(" › ")}</dd></>}
      </dl>
      <footer>
        <Button tone="ready" big icon={Check} {...(isFirst ? { hint: accept } : {})}
          onPress={() => void desk.accept(offer.reservation, offer.session)}>
          {t("offer.accept")}
        </Button>
        <Button big icon={X} {...(isFirst ? { hint: decline } : {})} onPress={() => refuse()}>{t("offer.decline")}</Button>
        <MenuButton label={t("offer.decline_because")} onAction={(id) => refuse(id as DeclineReason)}
          items={REASONS.map((id) => ({ id, name: t(`decline.${id}`) }))}>
          <ChevronDown size={16} aria-hidden="true" />
        </MenuButton>
      </footer>
    </section>
  );
}

/** Who a session's customer is, as far as that is known. */
function useCustomer(session: string): Customer | null {
  const desk = useDesk();
  const [who, setWho] = useState<Customer | null>(null);
  useEffect(() => {
    let stays = true;
    // An offer is as good without it.
    desk.rest.customerOf(session).then((found) => stays && setWho(found), () => undefined);
    return () => {
      stays = false;
    };
  }, [desk, session]);
  return who;
}

/** Ring, title and notification, as long as there is an offer. */
function useAttention(offer: Shown | undefined): void {
  const desk = useDesk();
  const reservation = offer?.reservation;
  useEffect(() => {
    if (offer === undefined) return;
    const stopRing = ring(desk.phone.store.get().devices.ringer);
    const title = document.title;
    let on = false;
    const flash = window.setInterval(() => {
      on = !on;
      document.title = on ? t("offer.title", { who: customerOf(offer) }) : title;
    }, 1000);
    const note = notify(offer);
    return () => {
      stopRing();
      window.clearInterval(flash);
      document.title = title;
      note?.close();
    };
    // One attention an offer: the card's other fields do not ring anew.
  }, [reservation]);
}

function notify(offer: Shown): Notification | null {
  if (document.visibilityState === "visible" || !("Notification" in window)) return null;
  if (Notification.permission !== "granted") return null;
  const note = new Notification(t(`offer.${offer.medium}`), { body: customerOf(offer), tag: offer.reservation });
  note.onclick = () => window.focus();
  return note;
}
