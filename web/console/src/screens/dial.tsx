// Dialling out: a number, an extension or a colleague.
import { Phone } from "lucide-react";
import { useState, type FormEvent } from "react";
import { t } from "../i18n";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { isMe } from "../store/desk";
import s from "./start.module.css";

export function Dial({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const desk = useDesk();
  const [to, setTo] = useState("");
  const people = useDeskState((state) => state.presence);
  const state = useDeskState((st) => st);
  const dial = async (whom: string): Promise<void> => {
    if (whom === "") return;
    onClose();
    if (await desk.verb(null, { type: "dial", to: whom })) {
      desk.show("inbox");
      setTo("");
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void dial(to.trim());
  };
  const others = people.filter((p) => !isMe(state, p.agent) && p.availability.is !== "logged_out");
  return (
    <Dialog title={t("dial.title")} isOpen={isOpen} onClose={onClose}>
      <form className={s.choices} onSubmit={submit}>
        <Field label={t("dial.to")} value={to} onChange={setTo} inputMode="tel" autoFocus />
        <Button tone="ready" big icon={Phone} type="submit" isDisabled={to.trim() === ""}>{t("dial.go")}</Button>
      </form>
      {others.length > 0 && (
        <div className={s.choices}>
          {others.slice(0, 8).map((p) => (
            <Button key={p.agent} onPress={() => void dial(p.agent)}>{p.display}</Button>
          ))}
        </div>
      )}
    </Dialog>
  );
}
