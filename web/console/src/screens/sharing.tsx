// A6: what this agent and the customer share, each in its pane; the conversation goes on beside it.
import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import type { Collab, CollabState } from "@ngcc/share/collab";
import type { Kind } from "@ngcc/share/wire";
import { t, timeOfDay } from "../i18n";
import { Button } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { customerOf } from "../parts/names";
import type { Contact, Invited } from "../wire/protocol";
import { CobrowsePane } from "./cobrowse-pane";
import { ScreenPane, type Token } from "./screen-pane";
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
      <Head collab={collab} who={customerOf(contact)} kind={invited.kind}>
        {invited.me !== "viewer" && (
          <Button tone="quiet" onPress={() => {
            collab.leave();
            void desk.verb(contact.session, { type: "end_collab", collab: invited.collab });
          }}>{t("collab.end")}</Button>
        )}
      </Head>
      <What collab={collab} kind={invited.kind} shows={contact.shared?.some((it) => it.collab === collab.id && it.shows === true) ?? false} />
    </section>
  );
}

/** What is shared itself. `shows`: of a screen, that pictures come; `token`: lets a browser that has no console see them. */
export function What({ collab, kind, shows, token }: { collab: Collab; kind: Kind; shows: boolean; token?: Token }) {
  switch (kind) {
    case "cobrowse":
      return <CobrowsePane collab={collab} />;
    case "screen":
      return <ScreenPane collab={collab} shows={shows} token={token} />;
    case "form":
    case "whiteboard":
    case "document":
    case "file":
    case "url":
      return <Together collab={collab} kind={kind} />;
  }
}

/** Who is here and who looks on, what holds and how long, and what ends it. */
export function Head(props: { collab: Collab; who: string; kind: Kind; children: ReactNode }) {
  const { collab, kind, children } = props;
  const { link, me, people, consents, paused, until, recorded } = useCollab(collab);
  const who = people.customer.name || props.who;
  const names = collab.lookers.join(", ");
  const word = link !== "up" ? "reconnecting" : !people.customer.here ? "away" : !consents.view ? "waiting" : paused ? "paused" : "on";
  return (
    <>
      <header className={s.head}>
        <b>{t(`collab.kind.${kind}`)}</b>
        <span role="status" data-word={word}>{t(`collab.state.${word}`, { who })}</span>
        {recorded && <em>{t("collab.recorded")}</em>}
        {children}
      </header>
      <p className={s.note} role="status">
        {me === "viewer" && <span>{t("collab.looks")}</span>}
        {names !== "" && <span>{t("collab.also", { names })}</span>}
        {until !== undefined && <span>{t("collab.goes_on", { time: timeOfDay(until) })}</span>}
      </p>
    </>
  );
}
