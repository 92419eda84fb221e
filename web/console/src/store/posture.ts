// What the state pill says: one word for a seat, from its availability and its slots.
import type { Availability, SeatState, Slot } from "../wire/protocol";

export type Posture =
  | "offline" | "ready" | "break" | "missed" | "unreachable" | "busy"
  | "here" | "ringing" | "talking" | "held" | "consulting" | "in_ivr" | "wrap_up";

export type Seen = { posture: Posture; since: number | null; until: number | null };

/** The pill's word and clock. A live call says more than availability does, chats do not (several at once). */
export function postureOf(seat: SeatState): Seen {
  const ringing = [seat.voice, ...seat.chats].some((slot) => slot.is === "alerting");
  if (ringing) return { posture: "ringing", since: null, until: null };
  const voice = ofSlot(seat.voice);
  if (voice !== null) return voice;
  const only = seat.availability.is === "ready" ? null : seat.chats.map(ofSlot).find((s) => s !== null);
  return only ?? ofAvailability(seat.availability);
}

export function ofAvailability(availability: Availability): Seen {
  switch (availability.is) {
    case "logged_out":
      return { posture: "offline", since: null, until: null };
    case "ready":
      return { posture: "ready", since: availability.since, until: null };
    case "not_ready":
      return { posture: ofReason(availability.reason), since: availability.since, until: null };
  }
}

function ofReason(reason: string): Posture {
  if (reason === "break" || reason === "missed" || reason === "unreachable") return reason;
  return "busy";
}

export function ofSlot(slot: Slot): Seen | null {
  switch (slot.is) {
    case "free":
    case "reserved":
      return null;
    case "alerting":
      return { posture: "ringing", since: null, until: null };
    case "talking":
    case "held":
    case "consulting":
    case "in_ivr":
      return { posture: slot.is, since: null, until: null };
    case "wrap_up":
      return { posture: "wrap_up", since: null, until: slot.until };
  }
}

/** Shape beside colour, so that a state is never colour alone. */
export function markOf(posture: Posture): "●" | "◐" | "■" | "◆" | "❚❚" | "○" | "▲" {
  switch (posture) {
    case "ready": case "here": return "●";
    case "ringing": return "◐";
    case "talking": case "held": case "consulting": case "in_ivr": return "■";
    case "wrap_up": return "◆";
    case "break": case "busy": return "❚❚";
    case "missed": case "unreachable": return "▲";
    case "offline": return "○";
  }
}
