// Pictures of a video call: the customer large, oneself small.
import { useEffect, useRef } from "react";
import { t } from "../i18n";
import { usePhone } from "../parts/desk";
import s from "./tiles.module.css";

/**
 * `expected`: the contact is a video call, so that a picture that is missing is said to be missing. `flows`: pictures
 * come now; while they do not (on hold), the last one is not left standing as if it were live.
 */
export function Tiles({ leg, expected, flows }: { leg: string; expected: boolean; flows: boolean }) {
  const view = usePhone((phone) => phone.legs.find((l) => l.leg === leg));
  if (view === undefined) return null;
  const own = view.local !== null && view.local.getVideoTracks().length > 0;
  if (!expected && !own && !(view.hasVideo && flows)) return null;
  return (
    <div className={s.tiles}>
      {view.hasVideo && flows
        ? <Picture stream={view.remote} label={t("video.customer")} className={s.remote} />
        : <p className={s.none}>{t("video.none")}</p>}
      {own && view.local !== null
        && <Picture stream={view.local} label={t("video.self")} className={s.self} />}
    </div>
  );
}

function Picture(props: { stream: MediaStream; label: string; className: string | undefined }) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (element.current !== null) element.current.srcObject = props.stream;
  }, [props.stream]);
  // Sound comes from the speakers of the shell: the picture is mute.
  return <video ref={element} className={props.className} aria-label={props.label} autoPlay muted playsInline />;
}
