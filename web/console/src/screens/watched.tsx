// What a customer and an agent share, as a supervisor watches it: seen, and not touched.
import { useEffect, useState } from "react";
import { Collab } from "@ngcc/share/collab";
import { t } from "../i18n";
import { Button } from "../parts/controls";
import { useDesk } from "../parts/desk";
import type { Invited } from "../wire/protocol";
import { Head, useCollab, What } from "./sharing";
import s from "./sharing.module.css";

/** `shows`: of a screen, that pictures come; `token`: with which they are had. */
type Props = { invited: Invited; who: string; shows: boolean; token: () => Promise<string>; onStop: () => void };

export default function Watched({ invited, who, shows, token, onStop }: Props) {
  const [collab, setCollab] = useState<Collab | null>(null);
  useEffect(() => {
    const { collab: id, ticket, kind } = invited;
    const own = new Collab({ server: location.origin, collab: id, ticket, kind, me: "viewer" });
    own.start();
    setCollab(own);
    return () => own.stop();
  }, [invited]);
  return collab === null ? null : <Pane collab={collab} invited={invited} who={who} shows={shows} token={token} onStop={onStop} />;
}

function Pane({ collab, invited, who, shows, token, onStop }: Props & { collab: Collab }) {
  const desk = useDesk();
  const { link } = useCollab(collab);
  const over = link === "over" || link === "refused" || link === "replaced";
  useEffect(() => {
    if (!over) return;
    desk.toast("info", t("board.watch_over"));
    onStop();
  }, [over, desk, onStop]);
  const what = t(`collab.kind.${invited.kind}`);
  return (
    <section className={s.watched} aria-label={t("board.watching", { what, who })}>
      <Head collab={collab} who={who} kind={invited.kind}>
        <Button tone="quiet" onPress={onStop}>{t("board.unwatch")}</Button>
      </Head>
      <What collab={collab} kind={invited.kind} shows={shows} token={token} />
    </section>
  );
}
