// Making a group, and choosing who is to be in one.
import { useState } from "react";
import { t } from "../i18n";
import { postureOfColleague } from "../parts/colleague";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { isMe } from "../store/desk";
import { markOf } from "../store/posture";
import type { State } from "../store/state";
import s from "./team.module.css";

export function NewGroup({ state, onClose }: { state: State; onClose: () => void }) {
  const desk = useDesk();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    const refused = await desk.colleagues.make(name.trim(), chosen);
    setBusy(false);
    if (refused === null) onClose();
    else setWhy(refused);
  };
  return (
    <Dialog title={t("team.new_group")} isOpen onClose={onClose}>
      <div className={s.form}>
        <Field label={t("team.group_name")} value={name} onChange={setName} autoFocus />
        <Picker state={state} without={[]} chosen={chosen} onChange={setChosen} />
        <Button tone="accent" isDisabled={busy || name.trim() === "" || chosen.length === 0} onPress={() => void go()}>
          {t("team.make_group")}
        </Button>
        <p role="alert">{why}</p>
      </div>
    </Dialog>
  );
}

/** Adds to a group that there is. */
export function AddToGroup({ state, who, members, onClose }: { state: State; who: string; members: string[]; onClose: () => void }) {
  const desk = useDesk();
  const [chosen, setChosen] = useState<string[]>([]);
  const [why, setWhy] = useState("");
  const go = async (): Promise<void> => {
    const refused = await desk.colleagues.alter(who, { to: "added", who: chosen });
    if (refused === null) onClose();
    else setWhy(refused);
  };
  return (
    <Dialog title={t("team.add")} isOpen onClose={onClose}>
      <div className={s.form}>
        <Picker state={state} without={members} chosen={chosen} onChange={setChosen} />
        <Button tone="accent" isDisabled={chosen.length === 0} onPress={() => void go()}>{t("team.add_these")}</Button>
        <p role="alert">{why}</p>
      </div>
    </Dialog>
  );
}

function Picker(props: { state: State; without: string[]; chosen: string[]; onChange: (chosen: string[]) => void }) {
  const { state, without, chosen, onChange } = props;
  const [needle, setNeedle] = useState("");
  const wanted = needle.trim().toLowerCase();
  const people = state.config.people.filter((p) => !isMe(state, p.agent) && !without.includes(p.agent)
    && p.display.toLowerCase().includes(wanted));
  return (
    <fieldset className={s.picker}>
      <legend>{t("team.members", { n: chosen.length })}</legend>
      <Field label={t("team.find_colleague")} hideLabel placeholder={t("team.find_colleague")} value={needle} onChange={setNeedle} inputMode="search" />
      {people.length === 0 && <p className={s.nothing}>{t("team.nobody")}</p>}
      <ul>
        {people.map((p) => {
          const posture = postureOfColleague(state, p.agent);
          return (
            <li key={p.agent}>
              <label>
                <input type="checkbox" checked={chosen.includes(p.agent)}
                  onChange={(event) => onChange(event.target.checked ? [...chosen, p.agent] : chosen.filter((c) => c !== p.agent))} />
                <span className={s.name}>{p.display}</span>
                <span className={s.mark} data-posture={posture} aria-hidden="true">{markOf(posture)}</span>
              </label>
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}
