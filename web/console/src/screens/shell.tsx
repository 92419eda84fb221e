// A2: the desk's frame: rail, top bar, connection bar, what is being looked at, and what lies above it.
import { History as HistoryIcon, Inbox as InboxIcon, LayoutGrid, MessagesSquare, Settings as SettingsIcon, Wrench } from "lucide-react";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { t, type Key } from "../i18n";
import { keysOf } from "../keys/bindings";
import { useCommands, useKeyboard } from "../keys/use";
import type { Command } from "../keys/shortcuts";
import { Boundary } from "../parts/boundary";
import { useDesk, useDeskState } from "../parts/desk";
import { leave } from "../parts/leave";
import type { State, View } from "../store/state";
import { unreadOf } from "../store/team";
import { ConnectionBar } from "./connection";
import { Dial } from "./dial";
import { HelpSheet } from "./help";
import { Inbox } from "./inbox";
import { Offers } from "./offers";
import { Palette } from "./palette";
import { Reach } from "./reach";
import { Speakers } from "./speakers";
import { StartDialog } from "./start";
import { StatePill } from "./state-pill";
import { UserMenu } from "./user-menu";
import s from "./shell.module.css";

const Team = lazy(() => import("./team"));
const History = lazy(() => import("./history"));
const Board = lazy(() => import("./board"));
const Settings = lazy(() => import("./settings"));
const Admin = lazy(() => import("../admin/admin"));

const PLACES: { view: View; icon: typeof InboxIcon; key: Key; may: (state: State) => boolean }[] = [
  { view: "inbox", icon: InboxIcon, key: "nav.inbox", may: (st) => may(st, "serve") },
  { view: "team", icon: MessagesSquare, key: "nav.team", may: (st) => may(st, "message") },
  { view: "board", icon: LayoutGrid, key: "nav.board", may: (st) => may(st, "see_board") },
  { view: "history", icon: HistoryIcon, key: "nav.history", may: () => true },
  { view: "admin", icon: Wrench, key: "nav.admin", may: (st) => may(st, "configure") },
  { view: "settings", icon: SettingsIcon, key: "nav.settings", may: () => true },
];

type May = NonNullable<State["me"]>["permissions"][number];
const may = (state: State, what: May): boolean => state.me?.permissions.includes(what) ?? false;

const VIEW_OF: Partial<Record<string, View>> = {
  go_inbox: "inbox", go_team: "team", go_history: "history", go_board: "board", go_settings: "settings",
};

export function Shell() {
  const desk = useDesk();
  const state = useDeskState((st) => st);
  const [sheet, setSheet] = useState<"help" | "palette" | "dial" | "reach" | null>(null);
  const places = PLACES.filter((p) => p.may(state));
  // Who may not serve has no inbox: what they are here for comes first.
  const home = may(state, "configure") ? "admin" : (places[0]?.view ?? "settings");
  const view = places.some((p) => p.view === state.view) ? state.view : home;
  const user = state.me?.user ?? "";
  useEffect(() => keysOf(user), [user]);
  useKeyboard();
  useCommands((command: Command) => {
    if (command === "help" || command === "palette" || command === "dial") {
      setSheet(command);
      return true;
    }
    const target = typeof command === "string" ? VIEW_OF[command] : undefined;
    if (target === undefined || !places.some((p) => p.view === target)) return false;
    leave(() => desk.show(target));
    return true;
  });

  return (
    <div className={s.shell}>
      <ConnectionBar />
      <nav className={s.rail} aria-label={t("nav.label")}>
        {places.map((p) => (
          <RailButton key={p.view} icon={p.icon} label={t(p.key)} isCurrent={view === p.view}
            badge={p.view === "team" ? unreadOf(state.team) : 0} onPress={() => leave(() => desk.show(p.view))} />
        ))}
      </nav>
      <header className={s.top}>
        <StatePill />
        <span className={s.spring} />
        <UserMenu onHelp={() => setSheet("help")} onDial={() => setSheet("dial")} />
      </header>
      <div className={s.main}>
        <Boundary name={view}>
          <Suspense fallback={null}>{pageOf(view)}</Suspense>
        </Boundary>
      </div>
      <Offers />
      <Speakers />
      <StartDialog />
      <Toasts />
      <HelpSheet isOpen={sheet === "help"} onClose={() => setSheet(null)} />
      <Palette isOpen={sheet === "palette"} onClose={() => setSheet(null)} onSheet={setSheet} />
      <Dial isOpen={sheet === "dial"} onClose={() => setSheet(null)} />
      <Reach isOpen={sheet === "reach"} onClose={() => setSheet(null)} />
    </div>
  );
}

function pageOf(view: View): ReactNode {
  switch (view) {
    case "inbox": return <Inbox />;
    case "team": return <Team />;
    case "history": return <History />;
    case "board": return <Board />;
    case "admin": return <Admin />;
    case "settings": return <Settings />;
  }
}

function RailButton(props: {
  icon: typeof InboxIcon; label: string; isCurrent: boolean; badge: number; onPress: () => void;
}) {
  const Icon = props.icon;
  const label = props.badge > 0 ? t("nav.unread", { place: props.label, n: props.badge }) : props.label;
  return (
    <button type="button" className={s.place} aria-label={label} aria-current={props.isCurrent ? "page" : undefined}
      title={props.label} onClick={props.onPress}>
      <Icon size={20} aria-hidden="true" />
      <span>{props.label}</span>
      {props.badge > 0 && <b className={s.badge} aria-hidden="true">{props.badge}</b>}
    </button>
  );
}

function Toasts() {
  const desk = useDesk();
  const toasts = useDeskState((st) => st.toasts);
  return (
    <div className={s.toasts} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={s.toast} data-kind={toast.kind}>
          <span>{toast.text}</span>
          <button type="button" aria-label={t("close")}
            onClick={() => desk.store.dispatch({ type: "toast_over", id: toast.id })}>{"×"}</button>
        </div>
      ))}
    </div>
  );
}
