// A7: the team's chat: conversations and colleagues, one conversation, and who is in it.
import { MessagesSquare } from "lucide-react";
import { useState } from "react";
import { t } from "../i18n";
import { Empty } from "../parts/controls";
import { useDeskState } from "../parts/desk";
import { TeamDetails } from "./team-details";
import { TeamList } from "./team-list";
import { TeamTalk } from "./team-talk";
import s from "./team.module.css";

export default function Team() {
  const state = useDeskState((st) => st);
  const [details, setDetails] = useState(false);
  const { talk } = state;
  return (
    <div className={s.team} data-details={details && talk !== null}>
      <TeamList state={state} />
      {talk === null
        ? (
          <main className={s.none}>
            <h1 className="sr-only">{t("team.title")}</h1>
            <Empty icon={MessagesSquare} title={t("team.choose")} />
          </main>
        )
        : <TeamTalk key={talk} who={talk} state={state} details={details} onDetails={() => setDetails(!details)} />}
      {talk !== null && details && <TeamDetails key={`${talk} details`} who={talk} state={state} />}
    </div>
  );
}
