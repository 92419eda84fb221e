// A2: the contacts of this seat, the one that is looked at, and what is known of its customer.
import { Inbox as InboxIcon } from "lucide-react";
import { lazy, Suspense } from "react";
import { t } from "../i18n";
import { useCommands } from "../keys/use";
import { Button, Empty } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { selectedOf } from "../store/state";
import type { Contact } from "../wire/protocol";
import { Chat } from "./chat";
import { ContactHeader } from "./contact-header";
import { ContactList } from "./contact-list";
import { Side } from "./side";
import { Tiles } from "./tiles";
import { VoicePanel } from "./voice-panel";
import { WrapUp } from "./wrap-up";
import s from "./inbox.module.css";

const Sharing = lazy(() => import("./sharing"));

export function Inbox() {
  const desk = useDesk();
  const state = useDeskState((st) => st);
  const contact = selectedOf(state);
  useCommands((command) => {
    const go = (session: string | undefined): boolean => {
      if (session !== undefined) desk.store.dispatch({ type: "select", session });
      return true;
    };
    const at = contact === null ? -1 : state.order.indexOf(contact.session);
    if (typeof command === "object") return go(state.order[command.nth - 1]);
    if (command === "next") return go(state.order[at + 1] ?? state.order[0]);
    if (command === "previous") return go(state.order[at - 1] ?? state.order.at(-1));
    return false;
  });
  return (
    <div className={s.inbox}>
      <ContactList current={contact?.session ?? null} />
      {contact === null ? <Nobody /> : <Conversation key={contact.session} contact={contact} />}
    </div>
  );
}

function Conversation({ contact }: { contact: Contact }) {
  const wrapping = contact.standing.is === "wrap_up";
  const shares = useDeskState((state) => Object.values(state.invited).some((i) => i.session === contact.session));
  return (
    <>
      <main className={s.centre} data-sharing={shares}>
        <ContactHeader contact={contact} />
        {contact.medium !== "chat" && <VoicePanel contact={contact} />}
        {contact.medium !== "chat" && contact.leg !== null && !wrapping
          && <Tiles leg={contact.leg} expected={contact.medium === "video"} flows={flows(contact)} />}
        {shares && <Suspense><Sharing contact={contact} /></Suspense>}
        <Chat contact={contact} />
      </main>
      {wrapping ? <WrapUp contact={contact} /> : <Side contact={contact} />}
    </>
  );
}

/** Whether pictures come: not on hold, and only while the customer shows themselves, if the server says whether they do. */
function flows({ standing, pictures, user }: Contact): boolean {
  // With a colleague there is no customer who could show themselves.
  return standing.is !== "hold" && (pictures !== false || user.startsWith("agent:"));
}

function Nobody() {
  const desk = useDesk();
  const seat = useDeskState((state) => state.seat);
  const ready = seat?.availability.is === "ready";
  return (
    <main className={s.nobody}>
      <h1 className="sr-only">{t("nav.inbox")}</h1>
      <Empty icon={InboxIcon} title={ready ? t("inbox.ready") : t("inbox.not_ready")}>
        {!ready && seat !== null && (
          <Button tone="ready" big
            onPress={() => void (seat.availability.is === "logged_out" ? desk.startService("browser") : desk.verb(null, { type: "ready" }))}>
            {t("inbox.go")}
          </Button>
        )}
      </Empty>
    </main>
  );
}
