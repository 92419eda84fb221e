// The reducer: pure, one case an action. What the server tells about the seat goes on to `told.ts`.
import type { AgentReady, Board, Config, Me, Present, Told } from "../wire/protocol";
import type { LinkState } from "../wire/socket";
import { initial, readReady, type State, type Toast, type View } from "./state";
import * as team from "./team";
import type { Team } from "./team";
import * as thread from "./thread";
import { reduceTold, threadOf, withoutCollab, withThread } from "./told";

export type Action =
  | { type: "signed_in"; me: Me }
  | { type: "signed_out"; notice: "ended" | "left" | null }
  | { type: "link"; state: LinkState }
  | { type: "ready"; data: Partial<AgentReady> }
  | { type: "told"; told: Told; now: number }
  | { type: "presence"; presence: Present[] }
  | { type: "config"; config: Partial<Config> }
  | { type: "people"; people: Config["people"] }
  | { type: "board"; board: Board; now: number }
  | { type: "collab_over"; collab: string }
  | { type: "start_answered" }
  | { type: "say"; session: string; unsent: thread.Unsent }
  | { type: "say_failed"; session: string; key: string; why: thread.Unsent["failed"] }
  | { type: "say_discarded"; session: string; key: string }
  | { type: "read"; session: string; seq: number }
  | { type: "typing_over"; now: number }
  /** What happens among colleagues; `team.ts` has what there is. */
  | { type: "team"; run: (team: Team) => Team }
  | { type: "view"; view: View }
  | { type: "select"; session: string | null }
  | { type: "talk"; who: string | null }
  | { type: "toast"; toast: Toast }
  | { type: "toast_over"; id: number };

const MAX_TOASTS = 4;

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "signed_in":
      return { ...state, phase: { is: "signed_in" }, me: action.me };
    case "signed_out":
      return { ...initial, phase: { is: "signed_out", notice: action.notice } };
    case "link":
      return { ...state, link: action.state, linkedOnce: state.linkedOnce || action.state === "up" };
    case "ready":
      return { ...state, ...readReady(action.data, state.me), resync: true };
    case "told":
      return reduceTold(state, action.told, action.now);
    case "presence":
      return { ...state, presence: merged(state.presence, action.presence) };
    case "config":
      return configured(state, action.config);
    case "people":
      return { ...state, config: { ...state.config, people: [...state.config.people, ...action.people] } };
    case "board":
      return { ...state, board: action.board, boardAt: action.now };
    case "collab_over":
      return withoutCollab(state, action.collab);
    case "start_answered":
      return { ...state, startAnswered: true };
    case "say":
      return withThread(state, action.session, (t) => thread.say(t, action.unsent));
    case "say_failed":
      return withThread(state, action.session, (t) => thread.fail(t, action.key, action.why));
    case "say_discarded":
      return withThread(state, action.session, (t) => thread.discard(t, action.key));
    case "read": {
      if (threadOf(state, action.session).read >= action.seq) return state;
      return withThread(state, action.session, (t) => ({ ...t, read: action.seq }));
    }
    case "typing_over":
      return { ...state, typing: stillTyping(state, action.now), team: team.stillTyping(state.team, action.now) };
    case "team":
      return { ...state, team: action.run(state.team) };
    case "view":
      return { ...state, view: action.view };
    case "select":
      return { ...state, selected: action.session, view: action.session === null ? state.view : "inbox" };
    case "talk":
      return { ...state, talk: action.who };
    case "toast":
      return { ...state, toasts: [...state.toasts, action.toast].slice(-MAX_TOASTS) };
    case "toast_over":
      return { ...state, toasts: state.toasts.filter((t) => t.id !== action.id) };
  }
}

/** Who has changed takes the place of what was known of them; the order is that of their names. */
function merged(known: Present[], news: Present[]): Present[] {
  const all = new Map([...known, ...news].map((present) => [present.agent, present]));
  return [...all.values()].sort((a, b) => (a.agent < b.agent ? -1 : 1));
}

/** Who is no colleague any longer is not shown. */
function configured(state: State, news: Partial<Config>): State {
  const config = { ...state.config, ...news };
  const people = new Set(config.people.map((person) => person.agent));
  return { ...state, config, presence: state.presence.filter((present) => people.has(present.agent)) };
}

function stillTyping(state: State, now: number): State["typing"] {
  return Object.fromEntries(Object.entries(state.typing).filter(([, typing]) => typing.until > now));
}
