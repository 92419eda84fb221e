// The customer's screen: its picture comes over the media server, beside whatever call there is.
import { Maximize, Scaling } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Collab } from "@ngcc/share/collab";
import { ScreenLeg, type ScreenLink } from "@ngcc/share/screen";
import { t } from "../i18n";
import { Button, Toggle } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { useCollab } from "./sharing";
import s from "./sharing.module.css";

/** Where a one-time token for the pictures' connection comes from; a console's own link, where nothing else is said. */
export type Token = (() => Promise<string>) | undefined;

/** `shows`: the customer's browser carries pictures; before that there is only the centre's slate to be seen. */
export function ScreenPane({ collab, shows, token }: { collab: Collab; shows: boolean; token?: Token }) {
  const { link, consents, paused } = useCollab(collab);
  const [actual, setActual] = useState(false);
  const [turn, setTurn] = useState(0);
  const leg = useLeg(collab, link === "up", turn, token);
  const stage = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current !== null && video.current.srcObject !== leg.stream) video.current.srcObject = leg.stream;
  }, [leg.stream]);
  const elsewhere = leg.link === "replaced";
  const veil = link !== "up" ? "collab.reconnecting"
    : elsewhere ? "collab.screen.elsewhere"
    : !consents.view ? "collab.waiting_consent"
    : paused ? "collab.paused"
    : !shows ? "collab.screen.waiting"
    : leg.link !== "up" ? "collab.reconnecting" : null;
  return (
    <>
      <div className={s.tools} role="toolbar" aria-label={t("collab.screen.tools")}>
        <Toggle icon={Scaling} isOn={actual} onChange={setActual}>{t("collab.screen.actual")}</Toggle>
        <Button icon={Maximize} isDisabled={veil !== null} onPress={() => void stage.current?.requestFullscreen()}>{t("collab.screen.full")}</Button>
        {elsewhere && <Button tone="accent" onPress={() => setTurn(turn + 1)}>{t("collab.screen.here")}</Button>}
      </div>
      <div className={s.stage}>
        <div className={s.screen} ref={stage} data-actual={actual} tabIndex={0} role="group" aria-label={t("collab.screen.picture")}>
          <video ref={video} autoPlay muted playsInline />
        </div>
        {veil !== null && <p className={s.veil} role="status">{t(veil)}</p>}
      </div>
    </>
  );
}

/** The leg that takes the pictures, while this agent takes part; another `turn` begins anew. */
function useLeg(collab: Collab, joined: boolean, turn: number, token: Token): { link: ScreenLink; stream: MediaStream | null } {
  const desk = useDesk();
  const [seen, setSeen] = useState<{ link: ScreenLink; stream: MediaStream | null }>({ link: "connecting", stream: null });
  const [begun, setBegun] = useState(joined);
  // A collaboration that connects again is the same: its pictures stay.
  useEffect(() => {
    if (joined) setBegun(true);
  }, [joined]);
  useEffect(() => {
    if (!begun) return;
    const leg: ScreenLeg = new ScreenLeg({
      server: location.origin,
      collab: collab.id,
      token: token ?? (() => desk.rtcToken()),
      changed: () => setSeen({ link: leg.link, stream: leg.stream ?? null }),
    });
    leg.start();
    return () => leg.stop();
  }, [collab, desk, begun, turn, token]);
  return seen;
}
