// Who is in a conversation and how they stand; a group's name and members are changed here.
import { LogOut, Pencil, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";
import { shortTime, t } from "../i18n";
import { postureOfColleague, sinceOf, talkName } from "../parts/colleague";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { displayOf } from "../parts/names";
import { isMe } from "../store/desk";
import { markOf } from "../store/posture";
import type { State } from "../store/state";
import { isGroup, talkWith } from "../store/team";
import type { ImChange } from "../wire/protocol";
import { AddToGroup } from "./team-group";
import s from "./team.module.css";

type Open = "rename" | "add" | "leave" | null;

export function TeamDetails({ who, state }: { who: string; state: State }) {
  const desk = useDesk();
  const [open, setOpen] = useState<Open>(null);
  const talk = talkWith(state.team, who);
  const group = isGroup(who);
  const agents = group ? talk.members.map((m) => m.agent) : [who];
  const may = group && talk.member;
  const alter = async (change: Exclude<ImChange, { to: "made" }>): Promise<void> => {
    const why = await desk.colleagues.alter(who, change);
    if (why !== null) desk.toast("error", t("toast.refused", { why }));
    setOpen(null);
  };
  return (
    <aside className={s.details} aria-label={t("team.details")}>
      <h2>{talkName(state, who)}</h2>
      {may && (
        <div className={s.acts}>
          <Button icon={Pencil} onPress={() => setOpen("rename")}>{t("team.rename")}</Button>
          <Button icon={UserPlus} onPress={() => setOpen("add")}>{t("team.add")}</Button>
          <Button icon={LogOut} onPress={() => setOpen("leave")}>{t("team.leave")}</Button>
        </div>
      )}
      <ul>
        {agents.map((agent) => (
          <li key={agent}>
            <Person agent={agent} state={state} />
            {may && !isMe(state, agent) && (
              <Button icon={UserMinus} label={t("team.remove", { who: displayOf(state.config.people, agent) })} tone="quiet"
                onPress={() => void alter({ to: "removed", who: [agent] })} />
            )}
          </li>
        ))}
      </ul>
      {open === "rename" && <Rename name={talk.name ?? ""} onClose={() => setOpen(null)} onRename={(name) => void alter({ to: "renamed", name })} />}
      {open === "add" && <AddToGroup state={state} who={who} members={agents} onClose={() => setOpen(null)} />}
      <Dialog title={t("team.leave_title")} isOpen={open === "leave"} onClose={() => setOpen(null)} alert>
        <div className={s.form}>
          <p>{t("team.leave_text")}</p>
          <Button tone="danger" autoFocus onPress={() => void alter({ to: "left" })}>{t("team.leave")}</Button>
          <Button onPress={() => setOpen(null)}>{t("cancel")}</Button>
        </div>
      </Dialog>
    </aside>
  );
}

function Person({ agent, state }: { agent: string; state: State }) {
  const posture = postureOfColleague(state, agent);
  const since = sinceOf(state, agent);
  const word = t(`posture.${posture}`);
  return (
    <>
      <span className={s.mark} data-posture={posture} aria-hidden="true">{markOf(posture)}</span>
      <span className={s.name}>
        {displayOf(state.config.people, agent)}
        <small>{since === null ? word : t("team.since", { word, at: shortTime(since) })}</small>
      </span>
    </>
  );
}

function Rename({ name, onClose, onRename }: { name: string; onClose: () => void; onRename: (name: string) => void }) {
  const [text, setText] = useState(name);
  return (
    <Dialog title={t("team.rename")} isOpen onClose={onClose}>
      <form className={s.form} onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "" && text.trim() !== name) onRename(text.trim());
      }}>
        <Field label={t("team.group_name")} value={text} onChange={setText} autoFocus />
        <Button tone="accent" type="submit" isDisabled={text.trim() === "" || text.trim() === name}>{t("team.rename")}</Button>
      </form>
    </Dialog>
  );
}
