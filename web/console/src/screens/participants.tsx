// Who takes part; others than oneself and the customer can be taken out.
import { X } from "lucide-react";
import { t } from "../i18n";
import { Button } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { customerOf } from "../parts/names";
import type { Contact, Party } from "../wire/protocol";
import s from "./voice-panel.module.css";

export function Participants({ contact }: { contact: Contact }) {
  const desk = useDesk();
  if (contact.parties.length < 2) return null;
  const several = contact.standing.is === "conference";
  const nameOf = (party: Party): string => {
    if (party.part === "user") return customerOf(contact);
    return party.name === "" ? t(`part.${party.part}`) : party.name;
  };
  return (
    <ul className={s.parties} aria-label={t("voice.parties")}>
      {contact.parties.map((party) => (
        <li key={party.leg} data-up={party.up}>
          <span>{nameOf(party)}</span>
          {several && party.leg !== contact.leg && (
            <Button icon={X} tone="quiet" label={t("voice.drop", { who: nameOf(party) })}
              onPress={() => void desk.verb(contact.session, { type: "drop", leg: party.leg })} />
          )}
          {!several && <span aria-hidden="true">{" "}</span>}
        </li>
      ))}
    </ul>
  );
}
