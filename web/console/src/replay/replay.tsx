// A recording of what was shared, played again: its time, its pace, and what was seen.
import { Pause, Play, SkipForward } from "lucide-react";
import { useEffect, useState } from "react";
import { clock, t, tWord } from "../i18n";
import { Button, Choose } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { type FactRow, Problem, type Recorded } from "../wire/rest";
import { Film } from "./film";
import { Listed } from "./listed";
import { Board, Filled, Page, pausedAt } from "./shown";
import { due, read, type Tape } from "./tape";
import s from "./replay.module.css";

type Load = { is: "loading" } | { is: "failed"; code: string } | { is: "film" } | { is: "there"; tape: Tape };

/** How far a key moves, in milliseconds. The slider ends on a whole step, or its last one would not be the end. */
const STEP = 100;
const SPEEDS = ["1", "2", "4"];

/** `facts`: those of its session. */
export default function Replay({ recording, facts }: { recording: Recorded; facts: FactRow[] }) {
  const desk = useDesk();
  const [load, setLoad] = useState<Load>({ is: "loading" });
  useEffect(() => {
    let gone = false;
    const fetched: Promise<Load> = recording.kind === "screen"
      ? desk.rest.playable(recording.collab).then(() => ({ is: "film" }))
      : desk.rest.recording(recording.collab).then((text) => {
        const tape = read(text);
        return tape === null ? { is: "failed", code: "unknown" } : { is: "there", tape };
      });
    fetched.then((there) => {
      if (!gone) setLoad(there);
    }, (error: unknown) => {
      const code = error instanceof Problem ? (error.status === 0 ? "offline" : error.code) : "unknown";
      if (!gone) setLoad({ is: "failed", code });
    });
    return () => {
      gone = true;
    };
  }, [desk, recording.collab, recording.kind]);
  const name = t(`collab.kind.${recording.kind}`);
  if (load.is === "loading") return <section className={s.replay} aria-label={name} aria-busy="true" />;
  if (load.is === "failed") return <p className={s.failed} role="alert">{tWord("problem", load.code)}</p>;
  const title = t("replay.of", { what: name });
  return (
    <section className={s.replay} aria-label={title}>
      {load.is === "film" ? <Film recording={recording} facts={facts} name={title} /> : <Player tape={load.tape} />}
    </section>
  );
}

function Player({ tape }: { tape: Tape }) {
  const [at, setAt] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState("1");
  const atEnd = at >= tape.length;
  useEffect(() => {
    if (!isPlaying) return undefined;
    let last = performance.now();
    let next = requestAnimationFrame(function step(now) {
      const passed = Math.max(0, now - last) * Number(speed);
      last = now;
      setAt((before) => Math.min(tape.length, before + passed));
      next = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(next);
  }, [isPlaying, speed, tape]);
  useEffect(() => {
    if (atEnd) setPlaying(false);
  }, [atEnd]);
  const count = due(tape, at);
  // What stood for less than a key moves is come to by this alone.
  const next = tape.entries[count];
  const words = t("replay.time", { at: clock(at), length: clock(tape.length) });
  return (
    <>
      <div className={s.controls}>
        <Button icon={isPlaying ? Pause : Play} label={t(isPlaying ? "replay.pause" : "replay.play")} onPress={() => {
          if (atEnd) setAt(0);
          setPlaying(!isPlaying);
        }} />
        <Button icon={SkipForward} label={t("replay.next")} isDisabled={next === undefined} onPress={() => {
          setPlaying(false);
          setAt(next?.at ?? at);
        }} />
        <input type="range" min={0} max={Math.max(1, Math.ceil(tape.length / STEP)) * STEP} step={STEP} value={Math.round(at)} aria-label={t("replay.position")}
          aria-valuetext={words} onChange={(event) => setAt(Math.min(tape.length, Number(event.target.value)))} />
        <span className={s.time}>{words}</span>
        <Choose label={t("replay.speed")} value={speed} onChange={setSpeed} options={SPEEDS.map((id) => ({ id, name: `${id}×` }))} />
      </div>
      <div className={s.shown}>
        {tape.kind === "cobrowse" ? <Page tape={tape} count={count} at={at} />
          : tape.kind === "form" ? <Filled tape={tape} count={count} />
          : tape.kind === "file" || tape.kind === "url" ? <Listed tape={tape} count={count} /> : <Board tape={tape} count={count} />}
        {pausedAt(tape, count) && <p className={s.veil}>{t("replay.paused")}</p>}
      </div>
      {tape.isFull && <p className={s.note}>{t("replay.full")}</p>}
    </>
  );
}
