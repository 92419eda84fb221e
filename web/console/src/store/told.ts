// What the `seat` vocabulary tells, one case a word.
import type { Contact, Message, SeatState, Told } from "../wire/protocol";
import { uriOf, type State } from "./state";
import * as thread from "./thread";

/** How long "… is writing" is shown after the last sign of it. */
const TYPING_MS = 5_000;

export function threadOf(state: State, session: string): thread.Thread {
  return state.threads[session] ?? thread.emptyThread;
}

export function withThread(
  state: State, session: string, change: (thread: thread.Thread) => thread.Thread,
): State {
  const before = threadOf(state, session);
  const after = change(before);
  return after === before ? state : { ...state, threads: { ...state.threads, [session]: after } };
}

export function reduceTold(state: State, told: Told, now: number): State {
  switch (told.type) {
    case "state": {
      const { type: _, ...seat } = told;
      return state.resync ? swept({ ...state, seat, resync: false }, seat) : { ...state, seat };
    }
    case "offered": {
      const { type: _, ...offer } = told;
      const others = state.offers.filter((o) => o.reservation !== offer.reservation);
      return { ...state, offers: [...others, offer] };
    }
    case "rescinded":
      return { ...state, offers: state.offers.filter((o) => o.reservation !== told.reservation) };
    case "returned":
      return { ...state, returned: { ...state.returned, [told.session]: told.outcome } };
    case "contact":
      return reduceContact(state, told.contact);
    case "gone":
      return reduceGone(state, told.session);
    case "message":
      return withoutTyping(withThread(state, told.session, (t) => thread.take(t, [told.message])), told);
    case "replay":
      return withThread(state, told.session, (t) => thread.take(t, told.messages));
    case "accepted":
      return withThread(state, told.session, (t) => thread.confirm(t, told.key, mine(state, told)));
    case "not_accepted":
      return withThread(state, told.session, (t) => thread.fail(t, told.key, told.why));
    case "typing":
      return { ...state, typing: { ...state.typing, [told.session]: { by: told.by, until: now + TYPING_MS } } };
    case "read":
      return withThread(state, told.session, (t) => (t.seen >= told.seq ? t : { ...t, seen: told.seq }));
    case "invited": {
      const { type: _, ...invited } = told;
      return { ...state, invited: { ...state.invited, [told.collab]: invited } };
    }
    case "link": {
      const { type: _, ...link } = told;
      return { ...state, links: { ...state.links, [told.session]: link } };
    }
    case "collab_ended":
      return withoutCollab(state, told.collab);
    default:
      // A word of a newer server.
      return state;
  }
}

function mine(state: State, told: { seq: number; at: number; key: string }): Omit<Message, "content" | "private"> {
  const agent = uriOf(state.me?.user ?? "");
  return { seq: told.seq, id: told.key, at: told.at, by: { is: "agent", agent, display: state.me?.display ?? "" } };
}

function reduceContact(state: State, contact: Contact): State {
  const known = state.contacts[contact.session] !== undefined;
  // An accepted offer becomes a contact; the card has done its work as soon as the contact is more than alerting.
  const offers = contact.standing.is === "alerting"
    ? state.offers
    : state.offers.filter((o) => o.session !== contact.session);
  const alone = state.selected === null && contact.standing.is !== "alerting";
  const selected = alone ? contact.session : state.selected;
  return {
    ...state,
    offers,
    selected,
    contacts: { ...state.contacts, [contact.session]: contact },
    order: known ? state.order : placed(state.order, contact),
  };
}

/** A call out of a chat stands right behind it: to the agent it is one customer. */
function placed(order: string[], { session, beside }: Contact): string[] {
  const at = beside == null ? -1 : order.indexOf(beside);
  return at < 0 ? [...order, session] : order.toSpliced(at + 1, 0, session);
}

/** Without the contacts and offers that ended while the link was down: those that no slot holds. */
function swept(state: State, seat: SeatState): State {
  const slots = [seat.voice, ...seat.chats];
  const sessions = new Set(slots.map((slot) => ("session" in slot ? slot.session : "")));
  const claims = new Set(slots.map((slot) => ("reservation" in slot ? slot.reservation : "")));
  const gone = state.order.filter((session) => !sessions.has(session));
  const kept = { ...state, offers: state.offers.filter((o) => claims.has(o.reservation)) };
  return gone.reduce(reduceGone, kept);
}

function reduceGone(state: State, session: string): State {
  const { [session]: _contact, ...contacts } = state.contacts;
  const { [session]: _thread, ...threads } = state.threads;
  const { [session]: _typing, ...typing } = state.typing;
  const { [session]: _returned, ...returned } = state.returned;
  const { [session]: _link, ...links } = state.links;
  const order = state.order.filter((s) => s !== session);
  const selected = state.selected === session ? (order.at(-1) ?? null) : state.selected;
  const offers = state.offers.filter((o) => o.session !== session);
  const invited = Object.fromEntries(Object.entries(state.invited).filter(([, i]) => i.session !== session));
  return { ...state, contacts, threads, typing, returned, order, selected, offers, invited, links };
}

export function withoutCollab(state: State, collab: string): State {
  if (state.invited[collab] === undefined) return state;
  const { [collab]: _, ...invited } = state.invited;
  return { ...state, invited };
}

function withoutTyping(state: State, told: { session: string; message: Message }): State {
  const typing = state.typing[told.session];
  if (typing === undefined || typing.by.is !== told.message.by.is) return state;
  const { [told.session]: _, ...rest } = state.typing;
  return { ...state, typing: rest };
}
