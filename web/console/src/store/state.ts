// What the console knows. The server's word replaces ours whenever it speaks; nothing here is a guess.
import type {
  AgentReady, Author, Board, Config, Contact, Invited, JoinLink, Me, Offer, Present, SeatState, Vars,
} from "../wire/protocol";
import type { LinkState } from "../wire/socket";
import { emptyTeam, type Team } from "./team";
import type { Thread } from "./thread";

export type View = "inbox" | "team" | "history" | "board" | "admin" | "settings";

export type Toast = { id: number; kind: "error" | "info"; text: string };

export type Phase =
  | { is: "booting" }
  /** `notice` says why somebody who was signed in is no longer. */
  | { is: "signed_out"; notice: "ended" | "left" | null }
  | { is: "signed_in" };

export type State = {
  phase: Phase;
  me: Me | null;
  link: LinkState;
  /** The link was up before: a break of it is a reconnection. */
  linkedOnce: boolean;
  config: Config;
  presence: Present[];
  seat: SeatState | null;
  /** The link has just come back: the next word about the seat says which contacts there still are. */
  resync: boolean;
  /** Whether the question "Start customer service now?" was answered on this page. */
  startAnswered: boolean;
  offers: Offer[];
  contacts: Record<string, Contact>;
  /** The order in which contacts came; a call out of a chat stands behind it. */
  order: string[];
  threads: Record<string, Thread>;
  /** Who writes in which session, and until when that is shown. */
  typing: Record<string, { by: Author; until: number }>;
  /** What automation brought back last. */
  returned: Record<string, Vars>;
  /** What this agent is invited to share, by its id. */
  invited: Record<string, Invited>;
  /** The link that was made last, by the session that it leads into. */
  links: Record<string, JoinLink>;
  team: Team;
  board: Board | null;
  boardAt: number;
  view: View;
  selected: string | null;
  talk: string | null;
  toasts: Toast[];
};

export const noConfig: Config = { queues: [], flows: [], canned: [], dispositions: [], forms: [], people: [] };

export const initial: State = {
  phase: { is: "booting" },
  me: null,
  link: "closed",
  linkedOnce: false,
  config: noConfig,
  presence: [],
  seat: null,
  resync: false,
  startAnswered: false,
  offers: [],
  contacts: {},
  order: [],
  threads: {},
  typing: {},
  returned: {},
  invited: {},
  links: {},
  team: emptyTeam,
  board: null,
  boardAt: 0,
  view: "inbox",
  selected: null,
  talk: null,
  toasts: [],
};

/** The contact that is looked at; the latest one where the chosen one is gone. */
export function selectedOf(state: State): Contact | null {
  const chosen = state.selected === null ? undefined : state.contacts[state.selected];
  if (chosen !== undefined && chosen.standing.is !== "alerting") return chosen;
  const shown = state.order.map((s) => state.contacts[s]).filter((c) => c !== undefined);
  return shown.filter((c) => c.standing.is !== "alerting").at(-1) ?? null;
}

/** `agent:alice` → `alice`. */
export const nameOf = (agent: string): string => agent.replace(/^agent:/, "");
export const uriOf = (user: string): string => `agent:${user}`;

/** What a `ready` frame carries, with what may be missing filled in. */
export function readReady(data: Partial<AgentReady>, me: Me | null): Pick<State, "me" | "config" | "presence"> {
  return {
    me: {
      user: data.user ?? me?.user ?? "",
      display: data.display ?? me?.display ?? "",
      roles: data.roles ?? me?.roles ?? [],
      permissions: data.permissions ?? me?.permissions ?? [],
    },
    config: { ...noConfig, ...data.config },
    presence: data.presence ?? [],
  };
}
