// The offers to show: those told, and after a reload those that only the seat's slots speak of.
import type { Offer, Slot } from "../wire/protocol";
import type { State } from "./state";

/** An offer as the card shows it; a reload does not know how long it still rings. */
export type Shown = Omit<Offer, "until" | "waited_ms"> & { until: number | null; waited_ms: number | null };

export function offersOf(state: State): Shown[] {
  const told: Shown[] = state.offers;
  const known = new Set(told.map((o) => o.reservation));
  const slots: Slot[] = state.seat === null ? [] : [state.seat.voice, ...state.seat.chats];
  const others = slots.flatMap((slot): Shown[] => {
    if (slot.is !== "alerting" || known.has(slot.reservation)) return [];
    const contact = state.contacts[slot.session];
    // A call of the agent's own holds the slot in the same way until it is answered: it is no offer.
    if (contact === undefined || contact.standing.is !== "alerting") return [];
    const { session, medium, user, display, queue, path, since } = contact;
    return [{
      reservation: slot.reservation, session, medium, user, display, queue, path, at: since, until: null, waited_ms: null,
    }];
  });
  return others.length === 0 ? told : [...told, ...others];
}
