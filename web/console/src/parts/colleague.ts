// How a colleague stands, and what their conversations and messages are called.
import { t } from "../i18n";
import type { ImMessage, Present } from "../wire/protocol";
import { ofAvailability, type Posture } from "../store/posture";
import type { State } from "../store/state";
import { isGroup, talkWith } from "../store/team";
import { isMe } from "../store/desk";
import { displayOf } from "./names";

const presentOf = (state: State, agent: string): Present | undefined => state.presence.find((p) => p.agent === agent);

export function postureOfColleague(state: State, agent: string): Posture {
  const present = presentOf(state, agent);
  if (present === undefined) return "offline";
  if (present.busy) return "talking";
  const { posture } = ofAvailability(present.availability);
  // Somebody may read messages without serving customers.
  return posture === "offline" && present.here === true ? "here" : posture;
}

/** Since when they stand so; null where nobody knows. */
export function sinceOf(state: State, agent: string): number | null {
  return presentOf(state, agent)?.since ?? null;
}

/** What a conversation is called. */
export function talkName(state: State, who: string): string {
  if (!isGroup(who)) return displayOf(state.config.people, who);
  return talkWith(state.team, who).name ?? t("team.group");
}

function namesOf(state: State, who: readonly string[]): string {
  return who.map((agent) => displayOf(state.config.people, agent)).join(t("team.and"));
}

/** A line that a change of a group is. */
export function changeText(state: State, message: ImMessage & { is: "changed" }): string {
  const { change, from } = message;
  const who = displayOf(state.config.people, from);
  switch (change.to) {
    case "made": return t("team.made", { who, name: change.name });
    case "renamed": return t("team.renamed", { who, name: change.name });
    case "added": return t("team.added", { who, others: namesOf(state, change.who) });
    case "removed": return t("team.removed", { who, others: namesOf(state, change.who) });
    case "left": return t("team.left", { who });
  }
}

/** One line, for the list: who, where it may be several, and what. */
export function lastLine(state: State, message: ImMessage): string {
  if (message.is === "changed") return changeText(state, message);
  const what = message.text !== "" ? message.text : message.file === undefined ? "" : t("chat.file", { name: message.file.name });
  if (isMe(state, message.from)) return t("team.you_said", { what });
  return isGroup(message.to) ? t("team.said", { who: displayOf(state.config.people, message.from), what }) : what;
}
