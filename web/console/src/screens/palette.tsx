// Ctrl+K: go, act or write to somebody by typing the beginning of it.
import { useState } from "react";
import { t, type Key } from "../i18n";
import { isSend } from "../keys/shortcuts";
import { talkName } from "../parts/colleague";
import { Dialog } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { leave } from "../parts/leave";
import { isMe } from "../store/desk";
import type { State, View } from "../store/state";
import { isGroup, ordered } from "../store/team";
import s from "./palette.module.css";

type Entry = { id: string; name: string; run: () => void };
const VIEWS: View[] = ["inbox", "team", "board", "history", "admin", "settings"];

/** The colleagues, and the groups one is in. */
const whom = (state: State): string[] => [
  ...state.config.people.map((p) => p.agent).filter((agent) => !isMe(state, agent)),
  ...ordered(state.team).filter(({ who, talk }) => isGroup(who) && talk.member).map(({ who }) => who),
];

export function Palette(props: { isOpen: boolean; onClose: () => void; onSheet: (sheet: "dial" | "help" | "reach") => void }) {
  return (
    <Dialog title={t("palette.title")} isOpen={props.isOpen} onClose={props.onClose}>
      <Search {...props} />
    </Dialog>
  );
}

function Search({ onClose, onSheet }: { onClose: () => void; onSheet: (sheet: "dial" | "help" | "reach") => void }) {
  const desk = useDesk();
  const state = useDeskState((st) => st);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const entries: Entry[] = [
    ...VIEWS.filter((view) => view !== "admin" || state.me?.permissions.includes("configure") === true)
      .map((view) => ({ id: view, name: t(`nav.${view}` as Key), run: () => leave(() => desk.show(view)) })),
    { id: "ready", name: t("posture.ready"), run: () => void desk.verb(null, { type: "ready" }) },
    { id: "break", name: t("posture.break"), run: () => void desk.verb(null, { type: "not_ready", reason: "break" }) },
    { id: "dial", name: t("dial.title"), run: () => onSheet("dial") },
    ...(state.me?.permissions.includes("serve") === true ? [{ id: "reach", name: t("reach.title"), run: () => onSheet("reach") }] : []),
    { id: "help", name: t("help.title"), run: () => onSheet("help") },
    ...whom(state).map((who) => ({
      id: who, name: t("palette.write", { who: talkName(state, who) }),
      run: () => leave(() => {
        desk.show("team");
        desk.colleagues.open(who);
      }),
    })),
  ];
  const needle = text.trim().toLowerCase();
  const found = entries.filter((e) => e.name.toLowerCase().includes(needle)).slice(0, 9);
  const current = Math.min(at, found.length - 1);
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    entry.run();
  };
  return (
    <div>
      <input className={s.input} autoFocus value={text} aria-label={t("palette.title")} role="combobox" aria-expanded="true"
        aria-controls="palette-list" aria-activedescendant={current >= 0 ? `palette-${current}` : undefined}
        placeholder={t("palette.hint")}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(found.length - 1, current + 1));
          else if (event.key === "ArrowUp") setAt(Math.max(0, current - 1));
          else if (isSend(event.nativeEvent)) choose(found[current]);
          else return;
          event.preventDefault();
        }} />
      <ul id="palette-list" role="listbox" aria-label={t("palette.title")} className={s.list}>
        {found.map((entry, i) => (
          <li key={entry.id} id={`palette-${i}`} role="option" aria-selected={i === current} onClick={() => choose(entry)}>
            {entry.name}
          </li>
        ))}
      </ul>
    </div>
  );
}
