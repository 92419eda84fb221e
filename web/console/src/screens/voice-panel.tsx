// A4: the call's controls: mute, hold, keypad, give away, automation, participants, hang up.
import { Grip, Mic, MicOff, Pause, PhoneOff, Play, Split, Video, VideoOff } from "lucide-react";
import { useRef, useState } from "react";
import { t } from "../i18n";
import { Twice } from "../keys/shortcuts";
import { useCommands } from "../keys/use";
import { Button, Toggle } from "../parts/controls";
import { useDesk, usePhone } from "../parts/desk";
import type { Contact } from "../wire/protocol";
import { Automation, AutomationBanner } from "./automation";
import { Consult } from "./consult";
import { GiveAway } from "./give-away";
import { Keypad } from "./keypad";
import { Participants } from "./participants";
import s from "./voice-panel.module.css";

export function VoicePanel({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const muted = usePhone((phone) => phone.muted);
  const legs = usePhone((phone) => phone.legs);
  const [giving, setGiving] = useState(false);
  const [keypad, setKeypad] = useState(false);
  const [armed, setArmed] = useState(false);
  const twice = useRef(new Twice());
  const { standing, session } = contact;
  const live = standing.is !== "wrap_up" && standing.is !== "alerting";
  const talking = standing.is === "talk" || standing.is === "hold";
  const held = standing.is === "hold";
  const hangUp = (): void => void desk.verb(session, { type: "hang_up" });
  const hold = (on: boolean): void => void desk.verb(session, { type: "hold", on });
  useCommands((command) => {
    if (!live) return false;
    switch (command) {
      case "mute": desk.phone.mute(!muted); return true;
      case "hold": if (talking) hold(!held); return true;
      case "transfer": if (talking) setGiving(true); return true;
      case "hang_up":
        if (twice.current.press(Date.now())) hangUp();
        else {
          setArmed(true);
          window.setTimeout(() => setArmed(false), 1000);
        }
        return true;
      default: return false;
    }
  });
  if (!live) return null;
  const view = legs.find((leg) => leg.leg === contact.leg);
  const hasPicture = (view?.local?.getVideoTracks().length ?? 0) > 0;
  return (
    <section className={s.panel} aria-label={t("voice.panel")}>
      {view !== undefined && view.media !== "up" && <p className={s.media} role="status">{t(`voice.media.${view.media}`)}</p>}
      <div className={s.row}>
        <Toggle icon={muted ? MicOff : Mic} isOn={muted} onChange={(on) => desk.phone.mute(on)}>
          {muted ? t("voice.unmute") : t("voice.mute")}
        </Toggle>
        <Toggle icon={held ? Play : Pause} isOn={held} onChange={hold} isDisabled={!talking}>
          {held ? t("voice.unhold") : t("voice.hold")}
        </Toggle>
        <Toggle icon={Grip} isOn={keypad} onChange={setKeypad}>{t("voice.keypad")}</Toggle>
        {view !== undefined && (
          <Toggle icon={hasPicture ? Video : VideoOff} isOn={!hasPicture} onChange={(off) => void desk.phone.camera(view.leg, !off)}>
            {hasPicture ? t("voice.camera_off") : t("voice.camera_on")}
          </Toggle>
        )}
        <Button icon={Split} isDisabled={!talking} onPress={() => setGiving(true)}>{t("voice.give")}</Button>
        <Automation contact={contact} />
        <span className={s.spring} />
        <Button tone="danger" icon={PhoneOff} onPress={hangUp}>{armed ? t("voice.hang_up_again") : t("voice.hang_up")}</Button>
      </div>
      {keypad && contact.leg !== null && <Keypad leg={contact.leg} />}
      <AutomationBanner contact={contact} />
      <Consult contact={contact} />
      <Participants contact={contact} />
      <GiveAway contact={contact} isOpen={giving} onClose={() => setGiving(false)} />
    </section>
  );
}
