// What is shared is given to a colleague or a queue, and the conversation stays here.
import { Forward } from "lucide-react";
import { useState } from "react";
import { t } from "../i18n";
import { Button, Dialog } from "../parts/controls";
import { useDesk } from "../parts/desk";
import type { Contact, Shared, To } from "../wire/protocol";
import { Targets } from "./targets";
import s from "./collaborate.module.css";

const KINDS: readonly To["is"][] = ["agent", "queue"];

export function HandShare({ contact, item }: { contact: Contact; item: Shared }) {
  const [isOpen, setOpen] = useState(false);
  const title = t("collab.hand_over_of", { what: t(`collab.kind.${item.kind}`) });
  return (
    <>
      <Button icon={Forward} tone="quiet" label={title} onPress={() => setOpen(true)} />
      <Dialog title={title} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Choice contact={contact} item={item} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Choice({ contact, item, onDone }: { contact: Contact; item: Shared; onDone: () => void }) {
  const desk = useDesk();
  const [to, setTo] = useState<To>({ is: "agent", name: "" });
  const [why, setWhy] = useState("");
  const go = async (): Promise<void> => {
    const refused = await desk.tryVerb(contact.session, { type: "hand_over_share", collab: item.collab, to });
    if (refused === null) onDone();
    else setWhy(refused);
  };
  return (
    <div className={s.begin}>
      <p className={s.hint}>{t("collab.hand_over_hint")}</p>
      <Targets contact={contact} kinds={KINDS} to={to} onChange={setTo} />
      <p className={s.why} role="alert">{why}</p>
      <Button tone="accent" isDisabled={to.name === ""} onPress={() => void go()}>{t("collab.hand_over")}</Button>
    </div>
  );
}
