// A9, in short: closed sessions, and one of them with its facts and messages.
import { History as HistoryIcon, MessageSquarePlus, Play, Share2, X } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from "react";
import { clock, dateTime, t, timeExact, tWord } from "../i18n";
import { Button, Empty, Field } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { customerOf } from "../parts/names";
import { emptyThread, take } from "../store/thread";
import type { ClosedSession } from "../wire/protocol";
import { type FactRow, Problem, type Recorded, type SessionDetail } from "../wire/rest";
import { Log } from "./chat";
import { Reach, mayHavePage } from "./reach";
import s from "./history.module.css";

const Replay = lazy(() => import("../replay/replay"));
const Customer = lazy(() => import("./customer"));

type Load<T> = { is: "loading" } | { is: "failed"; problem: Problem } | { is: "there"; value: T };

function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "unknown", "", null, null);
}

export default function History() {
  const desk = useDesk();
  const [rows, setRows] = useState<ClosedSession[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [load, setLoad] = useState<Load<null>>({ is: "loading" });
  const [queue, setQueue] = useState("");
  const [asked, setAsked] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const fetchPage = useCallback(async (cursor: string | null): Promise<void> => {
    setLoad({ is: "loading" });
    try {
      const page = await desk.rest.sessions({ ...(asked === "" ? {} : { queue: asked }), ...(cursor === null ? {} : { cursor }) });
      setRows((before) => (cursor === null ? page.data : [...before, ...page.data]));
      setNext(page.next_cursor);
      setLoad({ is: "there", value: null });
    } catch (error) {
      setLoad({ is: "failed", problem: problemOf(error) });
    }
  }, [desk, asked]);
  useEffect(() => void fetchPage(null), [fetchPage]);
  return (
    <div className={s.history}>
      <section className={s.list} aria-label={t("nav.history")}>
        <form className={s.filter} onSubmit={(event) => {
          event.preventDefault();
          setAsked(queue.trim());
        }}>
          <Field label={t("contact.queue")} value={queue} onChange={setQueue} />
          <Button type="submit">{t("history.filter")}</Button>
        </form>
        {load.is === "failed" && <Failed problem={load.problem} onRetry={() => void fetchPage(null)} />}
        {load.is === "there" && rows.length === 0 && <Empty icon={HistoryIcon} title={t("history.none")} />}
        {rows.length > 0 && <Rows rows={rows} chosen={chosen} onChoose={setChosen} />}
        {next !== null && <Button onPress={() => void fetchPage(next)}>{t("history.more")}</Button>}
      </section>
      {chosen === null
        ? (
          <main className={s.none}>
            <h1 className="sr-only">{t("nav.history")}</h1>
            <Empty icon={HistoryIcon} title={t("history.choose")} />
          </main>
        )
        : <Detail key={chosen} id={chosen} />}
    </div>
  );
}

const shownCustomer = (row: ClosedSession): string => customerOf({ user: row.user, display: row.display ?? null });

function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <div className={s.failed} role="alert">
      <p>{tWord("problem", problem.status === 0 ? "offline" : problem.code)}</p>
      {problem.requestId !== null && <code>{problem.requestId}</code>}
      <Button onPress={onRetry}>{t("retry")}</Button>
    </div>
  );
}

function Rows(props: { rows: ClosedSession[]; chosen: string | null; onChoose: (id: string) => void }) {
  return (
    <table>
      <thead>
        <tr><th>{t("history.when")}</th><th>{t("history.who")}</th><th>{t("contact.queue")}</th><th>{t("history.talk")}</th></tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr key={row.id} aria-selected={row.id === props.chosen}>
            <td><button type="button" onClick={() => props.onChoose(row.id)}>{dateTime(row.opened)}</button></td>
            <td>{shownCustomer(row)}</td>
            <td>{row.queue ?? "–"}</td>
            <td>{clock(row.talk_ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `within`: it stands beside its customer already. */
export function Detail({ id, within = false }: { id: string; within?: boolean }) {
  const desk = useDesk();
  const [load, setLoad] = useState<Load<SessionDetail>>({ is: "loading" });
  const fetchIt = useCallback(async (): Promise<void> => {
    try {
      setLoad({ is: "there", value: await desk.rest.session(id) });
    } catch (error) {
      setLoad({ is: "failed", problem: problemOf(error) });
    }
  }, [desk, id]);
  useEffect(() => void fetchIt(), [fetchIt]);
  if (load.is === "loading") return <Frame within={within} className={s.none}><p aria-busy="true" /></Frame>;
  if (load.is === "failed") return <Frame within={within} className={s.none}><Failed problem={load.problem} onRetry={() => void fetchIt()} /></Frame>;
  const { summary, facts, messages, recordings } = load.value;
  return (
    <Frame within={within} className={s.detail}>
      {summary !== null && <Summary session={summary} />}
      <h2>{t("history.timeline")}</h2>
      <ol className={s.facts}>
        {facts.map((fact, i) => <li key={i}><time title={dateTime(fact.at)}>{timeExact(fact.at)}</time> {factText(fact)}</li>)}
      </ol>
      {recordings.length > 0 && <Recordings recordings={recordings} facts={facts} />}
      {messages.length > 0 && (
        <>
          <h2>{t("chat.title")}</h2>
          <div className={s.log}>
            <Log thread={take(emptyThread, messages)} session={id}
              customer={summary === null ? t("part.user") : shownCustomer(summary)} />
          </div>
        </>
      )}
      {!within && <Suspense fallback={null}><Customer session={id} /></Suspense>}
    </Frame>
  );
}

/** A page has one main part; a dialog over it has none. */
function Frame(props: { within: boolean; className: string | undefined; children: ReactNode }) {
  return props.within
    ? <div className={props.className}>{props.children}</div>
    : <main className={props.className}>{props.children}</main>;
}

/** What was recorded of what was shared; one is played at a time. */
function Recordings({ recordings, facts }: { recordings: Recorded[]; facts: FactRow[] }) {
  const [played, setPlayed] = useState<string | null>(null);
  const chosen = recordings.find((r) => r.collab === played);
  return (
    <>
      <h2>{t("replay.title")}</h2>
      <ul className={s.facts}>
        {recordings.map((r) => (
          <li key={r.collab}>
            <time title={dateTime(r.started)}>{timeExact(r.started)}</time> {t(`collab.kind.${r.kind}`)} · {clock(r.ended - r.started)}{" "}
            <Button icon={played === r.collab ? X : Play} onPress={() => setPlayed(played === r.collab ? null : r.collab)}>
              {t(played === r.collab ? "replay.close" : "replay.open")}
            </Button>
          </li>
        ))}
      </ul>
      {chosen !== undefined && <Suspense fallback={null}><Replay key={chosen.collab} recording={chosen} facts={facts} /></Suspense>}
    </>
  );
}

/** What happened, in a word, and why an offer was declined. */
function factText({ what }: FactRow): string {
  const word = tWord("fact", what?.type ?? "");
  const reason = what?.["reason"];
  return typeof reason === "string" ? `${word} – ${tWord("decline", reason)}` : word;
}

/** S2-06: begins a chat with a customer, which then stands among the agent's contacts. */
function WriteTo({ user }: { user: string }) {
  const desk = useDesk();
  const isReady = useDeskState((state) => state.seat?.availability.is === "ready");
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    setWhy("");
    const refused = await desk.tryVerb(null, { type: "write_to", user });
    setBusy(false);
    if (refused === null) desk.show("inbox");
    else setWhy(refused);
  };
  return (
    <>
      <Button icon={MessageSquarePlus} isDisabled={busy || !isReady} onPress={() => void go()}>{t("reach.write")}</Button>
      <p role="alert">{isReady ? why : t("reach.not_ready")}</p>
    </>
  );
}

/** Whoever came by a page may be written to, or called to share something, if a page of theirs is open. */
function ReachAgain({ user }: { user: string }) {
  const may = useDeskState((state) => state.me?.permissions.includes("serve") ?? false);
  const [isOpen, setOpen] = useState(false);
  if (!may || !mayHavePage(user)) return null;
  return (
    <div>
      <WriteTo user={user} />
      <Button icon={Share2} onPress={() => setOpen(true)}>{t("reach.again")}</Button>
      <Reach isOpen={isOpen} onClose={() => setOpen(false)} user={user} />
    </div>
  );
}

function Summary({ session }: { session: ClosedSession }) {
  const times: [string, number][] = [
    [t("history.total"), session.total_ms], [t("history.self"), session.self_service_ms], [t("history.queue"), session.queue_ms],
    [t("history.talk"), session.talk_ms], [t("history.hold"), session.hold_ms], [t("history.auto"), session.in_ivr_ms],
    [t("history.wrap"), session.wrap_up_ms],
  ];
  return (
    <>
      <h1>{shownCustomer(session)}</h1>
      <ReachAgain user={session.user} />
      <p className={s.line}>{dateTime(session.opened)} · {session.dialled} · {session.agent ?? "–"} · {tWord("cause", session.cause)}</p>
      {session.disposition != null && <p className={s.line}>{t("history.disposition")}: {session.disposition}</p>}
      <dl className={s.times}>
        {times.filter(([, ms]) => ms > 0).map(([name, ms]) => <div key={name}><dt>{name}</dt><dd>{clock(ms)}</dd></div>)}
      </dl>
    </>
  );
}
