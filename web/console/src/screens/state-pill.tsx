// The one control of a seat's state for all media: what it is, since when, what it becomes, how full it is.
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { t, tWord } from "../i18n";
import { useCommands } from "../keys/use";
import { Since, Until } from "../parts/clock";
import { Button, MenuButton, type Item } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { markOf, ofAvailability, postureOf } from "../store/posture";
import type { SeatState } from "../wire/protocol";
import s from "./state-pill.module.css";

/** Reasons of a break that the menu offers; the server takes any. */
const REASONS = ["break", "lunch", "training", "paperwork"];

export function reasonWord(seat: SeatState): string {
  const { availability } = seat;
  const { posture } = postureOf(seat);
  return availability.is === "not_ready" && (posture === "busy" || posture === "break")
    ? tWord("reason", availability.reason) : t(`posture.${posture}`);
}

export function StatePill() {
  const desk = useDesk();
  const seat = useDeskState((state) => state.seat);
  const may = useDeskState((state) => state.me?.permissions.includes("serve") ?? false);
  // A call's clock is the contact's: since agent and customer came together.
  const joined = useDeskState((state) => {
    const voice = state.seat?.voice;
    return voice !== undefined && "leg" in voice ? state.contacts[voice.session]?.joined : undefined;
  });
  const [open, setOpen] = useState(false);
  useCommands((command) => {
    if (command !== "state" || !may) return false;
    setOpen(true);
    return true;
  });
  if (!may || seat === null) return null;
  const seen = postureOf(seat);
  const since = seen.since ?? (joined ?? null);
  const out = seat.availability.is === "logged_out";
  const act = (id: string): void => {
    if (id === "ready") void (out ? desk.startService("browser") : desk.verb(null, { type: "ready" }));
    else if (id === "sign_out") void desk.verb(null, { type: "sign_out" });
    else void desk.verb(null, { type: "not_ready", reason: id });
  };
  const missed = seen.posture === "missed" || seen.posture === "unreachable";
  return (
    <div className={s.row}>
      <MenuButton label={t("state.menu")} className={s.pill ?? ""} items={itemsOf(out)} onAction={act} isOpen={open}
        onOpenChange={setOpen}>
        <span className={s.mark} data-posture={seen.posture} aria-hidden="true">{markOf(seen.posture)}</span>
        <b>{reasonWord(seat)}</b>
        {since !== null && <Since at={since} />}
        {seen.until !== null && <Until at={seen.until} />}
        <ChevronDown size={14} aria-hidden="true" />
      </MenuButton>
      {seat.pending !== undefined && <Pending availability={seat.pending} />}
      {missed && <Button tone="ready" onPress={() => act("ready")}>{t("state.back")}</Button>}
      {!out && (
        <span className={s.load}>
          {t("state.load", { chats: seat.chats.length, capacity: seat.chat_capacity, voice: seat.voice.is === "free" ? 0 : 1 })}
        </span>
      )}
      {!out && seat.device !== "browser" && <span className={s.load}>{t("state.phone", { phone: seat.device.phone })}</span>}
    </div>
  );
}

function Pending({ availability }: { availability: NonNullable<SeatState["pending"]> }) {
  const { posture } = ofAvailability(availability);
  const word = availability.is === "not_ready" ? tWord("reason", availability.reason) : t(`posture.${posture}`);
  return <span className={s.pending}>{t("state.then", { state: word })}</span>;
}

function itemsOf(out: boolean): Item[] {
  const ready = { id: "ready", name: t("posture.ready"), mark: "●", tone: "ready" };
  if (out) return [ready];
  const reasons = REASONS.map((id) => ({ id, name: tWord("reason", id), mark: "❚❚", tone: "break" }));
  return [ready, ...reasons, { id: "sign_out", name: t("state.sign_out"), mark: "○", tone: "offline" }];
}
