// The connection bar: silent while all is well, green for two seconds after it was not.
import { useEffect, useState } from "react";
import { t } from "../i18n";
import { Button } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import s from "./connection.module.css";

export function ConnectionBar() {
  const desk = useDesk();
  const link = useDeskState((state) => state.link);
  const linkedOnce = useDeskState((state) => state.linkedOnce);
  const [wasDown, setWasDown] = useState(false);
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = (): void => setOnline(navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  useEffect(() => {
    if (link === "waiting") setWasDown(true);
    if (link !== "up" || !wasDown) return;
    const timer = window.setTimeout(() => setWasDown(false), 2000);
    return () => window.clearTimeout(timer);
  }, [link, wasDown]);

  if (link === "replaced") {
    return (
      <div className={s.bar} data-tone="red" role="alert">
        <span>{t("link.replaced")}</span>
        <Button onPress={() => desk.link.start()}>{t("link.use_here")}</Button>
      </div>
    );
  }
  if (link === "up") {
    return <div className={s.live} role="status">{wasDown && <div className={s.bar} data-tone="green">{t("link.back")}</div>}</div>;
  }
  if (link === "connecting" && !linkedOnce) return <div className={s.live} />;
  const text = online ? t("link.reconnecting") : t("link.offline");
  return (
    <div className={s.live} role="status">
      <div className={s.bar} data-tone={online ? "amber" : "red"}>
        <span>{text}</span>
        {link === "waiting" && <Button onPress={() => desk.link.nudge()}>{t("link.now")}</Button>}
      </div>
    </div>
  );
}
