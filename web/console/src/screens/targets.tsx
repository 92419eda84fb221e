// To whom something can be given: colleagues with how they stand, queues, flows, or a number that is typed in.
import { t } from "../i18n";
import { Field } from "../parts/controls";
import { useDeskState } from "../parts/desk";
import { serves } from "../parts/flows";
import { isMe } from "../store/desk";
import { markOf, ofAvailability } from "../store/posture";
import { nameOf, type State } from "../store/state";
import type { Contact, To } from "../wire/protocol";
import s from "./voice-panel.module.css";

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

type Props = { contact: Contact; kinds: readonly To["is"][]; to: To; onChange: (to: To) => void };

/** One of `kinds`, and which of them; the name is empty until one is chosen. */
export function Targets({ contact, kinds, to, onChange }: Props) {
  const state = useDeskState((st) => st);
  const targets = targetsOf(state, to.is, contact);
  const choose = (name: string): void => onChange({ is: to.is, name });
  return (
    <>
      <fieldset className={s.seg} aria-label={t("give.kind")}>
        {kinds.map((kind) => (
          <label key={kind}>
            <input type="radio" name="give-kind" checked={to.is === kind} onChange={() => onChange({ is: kind, name: "" })} />
            {t(`give.${kind}`)}
          </label>
        ))}
      </fieldset>
      {to.is === "number"
        ? <Field label={t("give.number")} value={to.name} onChange={choose} inputMode="tel" autoFocus />
        : (
          <ul className={s.targets} role="radiogroup" aria-label={t(`give.${to.is}`)}>
            {targets.map((target) => (
              <li key={target.name} role="presentation">
                <label>
                  <input type="radio" name="give-to" checked={to.name === target.name} onChange={() => choose(target.name)} />
                  {target.mark !== undefined && <span data-posture={target.tone} aria-hidden="true">{target.mark}</span>}
                  <span>{target.shown}</span>
                  {target.note !== undefined && <small>{target.note}</small>}
                </label>
              </li>
            ))}
            {targets.length === 0 && <li role="presentation"><p className={s.none}>{t("give.nobody")}</p></li>}
          </ul>
        )}
    </>
  );
}
