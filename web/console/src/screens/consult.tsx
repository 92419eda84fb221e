// The consulted side, while the customer waits.
import { t } from "../i18n";
import { Button } from "../parts/controls";
import { useDesk } from "../parts/desk";
import type { Contact } from "../wire/protocol";
import s from "./voice-panel.module.css";

export function Consult({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const { standing, session } = contact;
  if (standing.is !== "consult") return null;
  const { answered, swapped, with: whom } = standing;
  const who = whom.replace(/^agent:/, "");
  const text = !answered ? t("consult.ringing", { who }) : swapped ? t("consult.customer", { who }) : t("consult.other", { who });
  const act = (type: "swap" | "merge" | "complete_transfer" | "cancel_consult") => () => void desk.verb(session, { type });
  return (
    <div className={s.consult} role="status">
      <span>{text}</span>
      <Button isDisabled={!answered} onPress={act("swap")}>{t("consult.swap")}</Button>
      <Button isDisabled={!answered} onPress={act("merge")}>{t("consult.merge")}</Button>
      <Button tone="accent" isDisabled={!answered} onPress={act("complete_transfer")}>{t("consult.complete")}</Button>
      <Button onPress={act("cancel_consult")}>{t("consult.cancel")}</Button>
    </div>
  );
}
