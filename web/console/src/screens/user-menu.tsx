// Who is signed in, the microphone's state, dialling, help and the way out.
import { Keyboard, Mic, MicOff, PhoneOutgoing, Volume2, UserRound } from "lucide-react";
import { t } from "../i18n";
import { Button, MenuButton } from "../parts/controls";
import { useDesk, useDeskState, usePhone } from "../parts/desk";
import { leave } from "../parts/leave";
import s from "./user-menu.module.css";

export function UserMenu({ onHelp, onDial }: { onHelp: () => void; onDial: () => void }) {
  const desk = useDesk();
  const me = useDeskState((state) => state.me);
  const canDial = useDeskState((state) => state.seat !== null && state.seat.availability.is !== "logged_out");
  return (
    <div className={s.row}>
      <Microphone />
      {canDial && <Button icon={PhoneOutgoing} onPress={onDial}>{t("dial.title")}</Button>}
      <Button icon={Keyboard} label={t("help.title")} tone="quiet" onPress={onHelp} />
      <MenuButton label={t("user.menu")} tone="quiet" onAction={(id) => leave(() => id === "out" ? void desk.signOut() : desk.show("settings"))}
        items={[{ id: "settings", name: t("nav.settings") }, { id: "out", name: t("user.out") }]}>
        <UserRound size={16} aria-hidden="true" />
        <span>{me?.display}</span>
      </MenuButton>
    </div>
  );
}

function Microphone() {
  const desk = useDesk();
  const voice = usePhone((phone) => phone.voice);
  const link = usePhone((phone) => phone.link);
  if (link === "closed") return null;
  if (voice === null) {
    return <Button icon={Volume2} tone="quiet" onPress={() => void desk.phone.prepare()}>{t("mic.enable")}</Button>;
  }
  const isMic = voice.source === "microphone";
  const Icon = isMic ? Mic : MicOff;
  return (
    <span className={s.mic} data-good={isMic && link === "up"} title={voice.trouble === null ? "" : t(`mic.trouble.${voice.trouble}`)}>
      <Icon size={16} aria-hidden="true" />
      {t(`mic.source.${voice.source}`)}
      {voice.source === "listen_only" && (
        <Button tone="quiet" onPress={() => void desk.phone.renewVoice()}>{t("mic.retry")}</Button>
      )}
    </span>
  );
}
