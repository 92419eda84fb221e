// A6: what this agent and the customer share, each in its pane; the conversation goes on beside it.
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Collab, CollabState } from "@ngcc/share/collab";
import { t } from "../i18n";
import { Button } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { customerOf } from "../parts/names";
import type { Contact, Invited } from "../wire/protocol";
import { CobrowsePane } from "./cobrowse-pane";
import { Together } from "./together";
import s from "./sharing.module.css";

export function useCollab(collab: Collab): CollabState {
  return useSyncExternalStore((listener) => collab.subscribe(listener), () => collab.state);
}

export default function Sharing({ contact }: { contact: Contact }) {
  const invited = useDeskState((state) => state.invited);
  const mine = Object.values(invited).filter((i) => i.session === contact.session);
  const [chosen, setChosen] = useState("");
  const newest = mine.at(-1)?.collab ?? "";
  // What has just begun is what is looked at.
  useEffect(() => setChosen(newest), [newest]);
  if (mine.length === 0) return null;
  const shown = mine.some((i) => i.collab === chosen) ? chosen : newest;
  return (
    <section className={s.sharing} aria-label={t("collab.shared")}>
      {mine.length > 1 && (
        <div className={s.tabs} role="tablist" aria-label={t("collab.shared")}>
          {mine.map((i) => (
            <button key={i.collab} type="button" role="tab" aria-selected={i.collab === shown} onClick={() => setChosen(i.collab)}>
              {t(`collab.kind.${i.kind}`)}
            </button>
          ))}
        </div>
      )}
      {mine.map((i) => <Pane key={`${i.collab} ${i.ticket}`} invited={i} contact={contact} isShown={i.collab === shown} />)}
    </section>
  );
}

function Pane({ invited, contact, isShown }: { invited: Invited; contact: Contact; isShown: boolean }) {
  const desk = useDesk();
  const collab = desk.collabs.of(invited.collab);
  if (collab === null) return null;
  return (
    <section className={s.pane} hidden={!isShown} aria-label={t(`collab.kind.${invited.kind}`)}>
      <Head collab={collab} contact={contact} invited={invited} />
      {invited.kind === "cobrowse" ? <CobrowsePane collab={collab} /> : <Together collab={collab} kind={invited.kind} />}
    </section>
  );
}

/** Who is here, what holds, and the end of it. */
function Head({ collab, contact, invited }: { collab: Collab; contact: Contact; invited: Invited }) {
  const desk = useDesk();
  const { link, people, consents, paused, recorded } = useCollab(collab);
  const who = people.customer.name || customerOf(contact);
  const word = link !== "up" ? "reconnecting" : !people.customer.here ? "away" : !consents.view ? "waiting" : paused ? "paused" : "on";
  return (
    <header className={s.head}>
      <b>{t(`collab.kind.${invited.kind}`)}</b>
      <span role="status" data-word={word}>{t(`collab.state.${word}`, { who })}</span>
      {recorded && <em>{t("collab.recorded")}</em>}
      <Button tone="quiet" onPress={() => {
        collab.leave();
        void desk.verb(contact.session, { type: "end_collab", collab: invited.collab });
      }}>{t("collab.end")}</Button>
    </header>
  );
}
