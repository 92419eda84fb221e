// What a messaging channel lets through at present, above what one writes.
import { Hourglass, MessageCircleOff } from "lucide-react";
import { dateTime, t } from "../i18n";
import { useNow } from "../parts/clock";
import type { Delivery } from "../wire/protocol";
import s from "./chat.module.css";

export function ChannelState({ delivery }: { delivery: Delivery }) {
  const now = useNow();
  const { window, stuck } = delivery;
  const open = window === undefined || (window.sends !== 0 && now < window.until);
  return (
    <p className={s.channel} role="status" data-open={open && stuck !== true}>
      {stuck === true && <span><Hourglass size={14} aria-hidden="true" /> {t("delivery.stuck")}</span>}
      {!open && <span><MessageCircleOff size={14} aria-hidden="true" /> {t("delivery.shut")}</span>}
      {open && window !== undefined && (
        <span>
          {window.sends === undefined
            ? t("delivery.until", { until: dateTime(window.until) })
            : t("delivery.left", { n: window.sends, until: dateTime(window.until) })}
        </span>
      )}
    </p>
  );
}
