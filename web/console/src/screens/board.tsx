// S1/S2, small: the queues, who waits, who is in which state; a stuck seat is freed, a session ended, each
// after a question.
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { clock, t, tWord } from "../i18n";
import { Since, useNow } from "../parts/clock";
import { Button, Dialog, MenuButton } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { customerOf, displayOf } from "../parts/names";
import { BoardLink } from "../store/board-link";
import { markOf, postureOf } from "../store/posture";
import type { Availability, Board as BoardData, Invited, SeatRow, SharedRow } from "../wire/protocol";
import { reasonWord } from "./state-pill";
import s from "./board.module.css";

const Watched = lazy(() => import("./watched"));

const STALE_MS = 10_000;
type Ask = { text: string; act: (link: BoardLink) => Promise<string | null> };

export default function Board() {
  const desk = useDesk();
  const board = useDeskState((state) => state.board);
  const may = useDeskState((state) => state.me?.permissions.includes("force") ?? false);
  const link = useRef<BoardLink | null>(null);
  const [up, setUp] = useState(false);
  const [ask, setAsk] = useState<Ask | null>(null);
  useEffect(() => {
    const own = new BoardLink(desk, setUp);
    link.current = own;
    own.start();
    return () => own.stop();
  }, [desk]);
  const go = async (): Promise<void> => {
    const own = link.current;
    if (ask === null || own === null) return;
    setAsk(null);
    const why = await ask.act(own);
    desk.toast(why === null ? "info" : "error", why === null ? t("board.done") : t("toast.refused", { why }));
  };
  return (
    <main className={s.board}>
      <Staleness up={up} />
      {board === null ? <p aria-busy="true" /> : (
        <>
          <Queues board={board} />
          <Seats board={board} may={may} onAsk={setAsk} />
          <Shared board={board} link={link} up={up} />
          <Waiting board={board} may={may} onAsk={setAsk} />
        </>
      )}
      <Dialog title={t("board.sure")} isOpen={ask !== null} onClose={() => setAsk(null)} alert>
        <p className={s.text}>{ask?.text}</p>
        <div className={s.row}>
          <Button tone="danger" autoFocus onPress={() => void go()}>{t("board.yes")}</Button>
          <Button onPress={() => setAsk(null)}>{t("cancel")}</Button>
        </div>
      </Dialog>
    </main>
  );
}

/** The board only moves when something changes: it is old when the link is away. */
function Staleness({ up }: { up: boolean }) {
  const at = useDeskState((state) => state.boardAt);
  useNow();
  const age = Date.now() - at;
  if (up || at === 0 || age < STALE_MS) return null;
  return <p className={s.stale} role="alert">{t("board.stale", { age: clock(age) })}</p>;
}

function Queues({ board }: { board: BoardData }) {
  return (
    <section aria-label={t("board.queues")}>
      <h1>{t("board.queues")} <small>{t("board.sessions", { n: board.sessions })}</small></h1>
      <div className={s.tiles}>
        {board.queues.map((q) => (
          <article key={q.name} className={s.tile} data-waits={q.waiting > 0 && q.free === 0}>
            <h2>{q.name}</h2>
            <strong>{q.waiting}</strong>
            <span>{t("board.waiting")}</span>
            <dl>
              <dt>{t("board.longest")}</dt><dd>{q.waiting > 0 ? clock(q.longest_ms) : "–"}</dd>
              <dt>{t("board.free")}</dt><dd>{q.free}</dd>
              <dt>{t("board.signed_in")}</dt><dd>{q.signed_in}</dd>
            </dl>
          </article>
        ))}
      </div>
    </section>
  );
}

function Seats({ board, may, onAsk }: { board: BoardData; may: boolean; onAsk: (ask: Ask) => void }) {
  const force = (row: SeatRow, id: string): void => {
    const to: Availability = id === "ready" ? { is: "ready", since: Date.now() }
      : id === "out" ? { is: "logged_out" } : { is: "not_ready", reason: "break", since: Date.now() };
    onAsk({
      text: t("board.force_sure", { who: row.display, state: t(`board.force.${id as "ready" | "break" | "out"}`) }),
      act: (link) => link.force(row.agent, to),
    });
  };
  return (
    <section aria-label={t("board.seats")}>
      <h1>{t("board.seats")}</h1>
      <table className={s.table}>
        <thead>
          <tr>
            <th>{t("board.agent")}</th><th>{t("board.state")}</th><th>{t("board.for")}</th><th>{t("board.chats")}</th>
            <th>{t("board.device")}</th><th><span className="sr-only">{t("board.act")}</span></th>
          </tr>
        </thead>
        <tbody>
          {board.seats.map((row) => {
            const { posture } = postureOf(row);
            return (
              <tr key={row.seat}>
                <td>{row.display}</td>
                <td><span data-posture={posture}>{markOf(posture)} {reasonWord(row)}</span></td>
                <td>{row.since > 0 ? <Since at={row.since} /> : "–"}</td>
                <td>{row.chats.length} / {row.chat_capacity}</td>
                <td>{row.device === "browser" ? t("board.browser") : row.device.phone}</td>
                <td>
                  {may && (
                    <MenuButton label={t("board.force_of", { who: row.display })} onAction={(id) => force(row, id)}
                      items={(["ready", "break", "out"] as const).map((id) => ({ id, name: t(`board.force.${id}`) }))}>
                      {t("board.act")}
                    </MenuButton>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** What is shared at this moment; one of it can be watched, and whoever shares it sees by whom. */
function Shared({ board, link, up }: { board: BoardData; link: RefObject<BoardLink | null>; up: boolean }) {
  const desk = useDesk();
  const people = useDeskState((state) => state.config.people);
  const me = useDeskState((state) => `agent:${state.me?.user ?? ""}`);
  const [watched, setWatched] = useState<{ row: SharedRow; invited: Invited } | null>(null);
  const collab = watched?.row.collab;
  const watch = async (row: SharedRow): Promise<void> => {
    const invited = await link.current?.watch(row.collab);
    if (invited === undefined) return;
    if (typeof invited === "string") desk.toast("error", t("toast.refused", { why: invited }));
    else setWatched({ row, invited });
  };
  const stop = (): void => {
    if (collab !== undefined) link.current?.unwatch(collab);
    setWatched(null);
  };
  const token = useCallback(async (): Promise<string> => {
    if (link.current === null) throw new Error("not connected");
    return link.current.rtcToken();
  }, [link]);
  // What was watched ends with the connection: whoever comes back asks again.
  useEffect(() => {
    if (!up) setWatched(null);
  }, [up]);
  return (
    <section aria-label={t("board.shared")}>
      <h1>{t("board.shared")}</h1>
      {board.shared.length === 0 ? <p className={s.text}>{t("board.nothing_shared")}</p> : (
        <table className={s.table}>
          <thead>
            <tr>
              <th>{t("board.customer")}</th><th>{t("board.agent")}</th><th>{t("board.what")}</th><th>{t("board.looking")}</th>
              <th><span className="sr-only">{t("board.act")}</span></th>
            </tr>
          </thead>
          <tbody>
            {board.shared.map((row) => (
              <tr key={row.collab}>
                <td>{customerOf(row)}</td>
                <td>{displayOf(people, row.agent)}</td>
                <td>{t(`collab.kind.${row.kind}`)}</td>
                <td>{row.viewers}</td>
                <td>
                  {row.agent !== me && row.collab !== collab && (
                    <Button isDisabled={!up} onPress={() => {
                      stop();
                      void watch(row);
                    }} label={t("board.watch_of", { what: t(`collab.kind.${row.kind}`), who: customerOf(row) })}>
                      {t("board.watch")}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {watched !== null && (
        <Suspense>
          <Watched key={watched.invited.ticket} invited={watched.invited} who={customerOf(watched.row)} onStop={stop} token={token}
            shows={board.shared.some((row) => row.collab === collab && row.shows === true)} />
        </Suspense>
      )}
    </section>
  );
}

function Waiting({ board, may, onAsk }: { board: BoardData; may: boolean; onAsk: (ask: Ask) => void }) {
  const people = useDeskState((state) => state.config.people);
  return (
    <section aria-label={t("board.who_waits")}>
      <h1>{t("board.who_waits")}</h1>
      {board.waiting.length === 0 ? <p className={s.text}>{t("board.nobody")}</p> : (
        <table className={s.table}>
          <thead>
            <tr>
              <th>{t("history.who")}</th><th>{t("board.medium")}</th><th>{t("contact.queue")}</th><th>{t("board.for")}</th>
              <th><span className="sr-only">{t("board.act")}</span></th>
            </tr>
          </thead>
          <tbody>
            {board.waiting.map((row) => (
              <tr key={row.session}>
                <td>{customerOf(row)}</td>
                <td>{tWord("medium", row.medium)}</td>
                <td>{row.queue}{row.declined !== undefined && <small>{t(`decline.by.${row.declined.reason}`, { who: displayOf(people, row.declined.by) })}</small>}</td>
                <td><Since at={row.since} /></td>
                <td>
                  {may && (
                    <Button onPress={() => onAsk({
                      text: t("board.end_sure", { who: customerOf(row) }), act: (link) => link.end(row.session),
                    })}>
                      {t("board.end")}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
