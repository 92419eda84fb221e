// Giving the customer away, at once or after a word with whoever takes them; also how a person is added.
import { useState } from "react";
import { t } from "../i18n";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { serves } from "../parts/flows";
import { isMe } from "../store/desk";
import { markOf, ofAvailability } from "../store/posture";
import { nameOf, type State } from "../store/state";
import type { Contact, To } from "../wire/protocol";
import s from "./voice-panel.module.css";

const KINDS: To["is"][] = ["agent", "queue", "number", "flow"];
type Target = { name: string; shown: string; mark?: string; tone?: string; note?: string };

function targetsOf(state: State, kind: To["is"], contact: Contact): Target[] {
  switch (kind) {
    case "agent":
      return state.presence.filter((p) => !isMe(state, p.agent)).map((p) => {
        const { posture } = p.busy ? { posture: "talking" as const } : ofAvailability(p.availability);
        return { name: nameOf(p.agent), shown: p.display, mark: markOf(posture), tone: posture, note: t(`posture.${posture}`) };
      });
    case "queue":
      return state.config.queues.map((name) => ({ name, shown: name }));
    case "flow":
      return state.config.flows.filter((f) => serves(f, contact.medium)).map((f) => ({ name: f.name, shown: f.name }));
    case "number":
      return [];
  }
}

export function GiveAway({ contact, isOpen, onClose }: { contact: Contact; isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title={t("give.title")} isOpen={isOpen} onClose={onClose}>
      <Choice contact={contact} onDone={onClose} />
    </Dialog>
  );
}

function Choice({ contact, onDone }: { contact: Contact; onDone: () => void }) {
  const desk = useDesk();
  const state = useDeskState((st) => st);
  const [kind, setKind] = useState<To["is"]>("agent");
  const [name, setName] = useState("");
  const targets = targetsOf(state, kind, contact);
  const go = async (type: "transfer" | "consult"): Promise<void> => {
    onDone();
    await desk.verb(contact.session, { type, to: { is: kind, name: name.trim() } });
  };
  const ok = name.trim() !== "";
  return (
    <div className={s.choices}>
      <fieldset className={s.seg} aria-label={t("give.kind")}>
        {KINDS.map((k) => (
          <label key={k}>
            <input type="radio" name="give-kind" checked={kind === k} onChange={() => {
              setKind(k);
              setName("");
            }} />
            {t(`give.${k}`)}
          </label>
        ))}
      </fieldset>
      {kind === "number"
        ? <Field label={t("give.number")} value={name} onChange={setName} inputMode="tel" autoFocus />
        : (
          <ul className={s.targets} role="radiogroup" aria-label={t(`give.${kind}`)}>
            {targets.map((target) => (
              <li key={target.name} role="presentation">
                <label>
                  <input type="radio" name="give-to" checked={name === target.name} onChange={() => setName(target.name)} />
                  {target.mark !== undefined && <span data-posture={target.tone} aria-hidden="true">{target.mark}</span>}
                  <span>{target.shown}</span>
                  {target.note !== undefined && <small>{target.note}</small>}
                </label>
              </li>
            ))}
            {targets.length === 0 && <li role="presentation"><p className={s.none}>{t("give.nobody")}</p></li>}
          </ul>
        )}
      <div className={s.two}>
        {contact.medium !== "chat" && (
          <Button isDisabled={!ok || kind === "flow"} onPress={() => void go("consult")}>{t("give.consult")}</Button>
        )}
        <Button tone="accent" isDisabled={!ok} onPress={() => void go("transfer")}>{t("give.blind")}</Button>
      </div>
    </div>
  );
}
