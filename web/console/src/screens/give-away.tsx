// Giving the customer away, at once or after a word with whoever takes them; also how a person is added.
import { useState } from "react";
import { t } from "../i18n";
import { Button, Dialog } from "../parts/controls";
import { useDesk } from "../parts/desk";
import type { Contact, To } from "../wire/protocol";
import { Targets } from "./targets";
import s from "./voice-panel.module.css";

const KINDS: readonly To["is"][] = ["agent", "queue", "number", "flow"];
/** What is shared alone goes to people. */
const PEOPLE: readonly To["is"][] = ["agent", "queue"];

export function GiveAway({ contact, isOpen, onClose }: { contact: Contact; isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title={t("give.title")} isOpen={isOpen} onClose={onClose}>
      <Choice contact={contact} onDone={onClose} />
    </Dialog>
  );
}

function Choice({ contact, onDone }: { contact: Contact; onDone: () => void }) {
  const desk = useDesk();
  const [to, setTo] = useState<To>({ is: "agent", name: "" });
  const go = async (type: "transfer" | "consult"): Promise<void> => {
    onDone();
    await desk.verb(contact.session, { type, to: { is: to.is, name: to.name.trim() } });
  };
  const ok = to.name.trim() !== "";
  return (
    <div className={s.choices}>
      <Targets contact={contact} kinds={contact.alone === true ? PEOPLE : KINDS} to={to} onChange={setTo} />
      <div className={s.two}>
        {contact.medium !== "chat" && (
          <Button isDisabled={!ok || to.is === "flow"} onPress={() => void go("consult")}>{t("give.consult")}</Button>
        )}
        <Button tone="accent" isDisabled={!ok} onPress={() => void go("transfer")}>{t("give.blind")}</Button>
      </div>
    </div>
  );
}
