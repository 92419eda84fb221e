// S1-03: after signing in, whoever may serve customers is asked whether to begin now. Whoever may not is
// not asked: they write to colleagues only.
import { Headset, MessagesSquare, Phone as PhoneIcon } from "lucide-react";
import { t } from "../i18n";
import { Button, Dialog } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { uriOf } from "../store/state";
import { InsecureHelp } from "./sign-in";
import s from "./start.module.css";

export function StartDialog() {
  const desk = useDesk();
  const may = useDeskState((state) => state.me?.permissions.includes("serve") ?? false);
  const answered = useDeskState((state) => state.startAnswered);
  const seat = useDeskState((state) => state.seat);
  const up = useDeskState((state) => state.link === "up");
  const own = useDeskState((state) => state.config.people.find((p) => p.agent === uriOf(state.me?.user ?? "")));
  const open = may && up && !answered && seat !== null && seat.availability.is === "logged_out";
  const phone = own !== undefined && own.device !== "browser" ? own.device.phone : null;
  return (
    <Dialog title={t("start.title")} isOpen={open}>
      <p className={s.text}>{t("start.text")}</p>
      {!window.isSecureContext && <InsecureHelp />}
      <div className={s.choices}>
        <Button tone="ready" big icon={Headset} autoFocus onPress={() => void desk.startService("browser")}>
          {t("start.browser")}
        </Button>
        {phone !== null && (
          <Button big icon={PhoneIcon} onPress={() => void desk.startService({ phone })}>{t("start.phone", { phone })}</Button>
        )}
        <Button big icon={MessagesSquare} onPress={() => void desk.startService(null)}>{t("start.messages")}</Button>
      </div>
    </Dialog>
  );
}
