// A recording of a screen: the browser's own player, which loads what it needs of it, and the places at which the
// customer paused and went on.
import { useEffect, useRef, useState } from "react";
import { clock, t } from "../i18n";
import { Button } from "../parts/controls";
import { type FactRow, filmUrl, type Recorded } from "../wire/rest";
import { marksOf } from "./marks";
import s from "./replay.module.css";

export function Film({ recording, facts, name }: { recording: Recorded; facts: FactRow[]; name: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  const { marks, lost } = marksOf(facts, recording);
  // The player is closed with what it still loads.
  useEffect(() => {
    const { current } = video;
    return () => {
      current?.removeAttribute("src");
      current?.load();
    };
  }, []);
  const seek = (ms: number): void => {
    if (video.current !== null) video.current.currentTime = ms / 1000;
  };
  return (
    <>
      <div className={s.film}>
        <video ref={video} src={filmUrl(recording.collab)} controls playsInline preload="metadata" aria-label={name}
          onError={() => setFailed(true)} />
      </div>
      {failed && <p className={s.failed} role="alert">{t("problem.unknown")}</p>}
      {marks.length > 0 && (
        <ul className={s.marksOf} aria-label={t("replay.marks")}>
          {marks.map(({ at, act }, n) => (
            <li key={n}><Button onPress={() => seek(at)}>{t(`replay.mark.${act}`, { at: clock(at) })}</Button></li>
          ))}
        </ul>
      )}
      {lost !== null && <p className={s.note}>{t(lost === "full" ? "replay.full" : "replay.lost")}</p>}
    </>
  );
}
