// S3-07: an agent calls a customer with whom there is no session, to share something with them.
import { useState } from "react";
import { t } from "../i18n";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { What, useWhat } from "./what";
import s from "./collaborate.module.css";

/** Who may have a page here: visitors of pages, and customers whom a page vouches for. */
export function mayHavePage(user: string): boolean {
  return /^(web|customer):\S+$/.test(user) && user.length <= 256;
}

/** `user` is whom it is about, where that is known already. */
export function Reach({ isOpen, onClose, user = "" }: { isOpen: boolean; onClose: () => void; user?: string }) {
  return (
    <Dialog title={t("reach.title")} isOpen={isOpen} onClose={onClose}>
      <Call user={user} onDone={onClose} />
    </Dialog>
  );
}

function Call({ user: known, onDone }: { user: string; onDone: () => void }) {
  const desk = useDesk();
  const isReady = useDeskState((state) => state.seat?.availability.is === "ready");
  const what = useWhat();
  const [user, setUser] = useState(known);
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    const whom = user.trim();
    if (!mayHavePage(whom)) return setWhy(t("reach.bad_user"));
    setBusy(true);
    const refused = await desk.tryVerb(null, { type: "collaborate", user: whom, ...what.wish });
    setBusy(false);
    if (refused !== null) return setWhy(refused);
    // The session comes there; if there is no such page, a word of it comes instead.
    desk.show("inbox");
    onDone();
  };
  return (
    <form className={s.begin} onSubmit={(event) => {
      event.preventDefault();
      void go();
    }}>
      <Field label={t("reach.user")} value={user} onChange={setUser} autoFocus={known === ""} />
      <p className={s.hint}>{t("reach.hint")}</p>
      <What {...what} />
      <p className={s.why} role="alert">{isReady ? why : t("reach.not_ready")}</p>
      <Button type="submit" tone="accent" isDisabled={busy || !isReady}>{t("collab.begin")}</Button>
    </form>
  );
}
