// The other way round than by a code: a link that the agent sends or reads out, and that brings one browser to the call.
import { Copy, Link, Send } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Kind } from "@ngcc/share/wire";
import { t, timeOfDay } from "../i18n";
import { Button } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import s from "./collaborate.module.css";

type Props = {
  session: string; wish: { kind: Kind; form?: string };
  onRefused: (why: string) => void;
  /** Somebody has come by it. */
  onJoined: () => void;
  /** The customer reads what is written to them: it is sent there. */
  bySending?: boolean;
};

const addressOf = (token: string): string => `${location.origin}/join/${token}`;

export function JoinLink({ session, wish, onRefused, onJoined, bySending = false }: Props) {
  const desk = useDesk();
  const link = useDeskState((state) => state.links[session]);
  const shared = useDeskState((state) => Object.values(state.invited).filter((i) => i.session === session).length);
  const [madeFor, setMadeFor] = useState("");
  const [copied, setCopied] = useState(false);
  const before = useRef(shared);
  const own = JSON.stringify(wish);
  useEffect(() => {
    if (madeFor !== "" && shared > before.current) onJoined();
    before.current = shared;
  }, [shared, madeFor, onJoined]);
  // The link's own page has nothing on it to be seen.
  if (wish.kind === "cobrowse") return null;
  const make = async (): Promise<void> => {
    setCopied(false);
    const refused = await desk.tryVerb(session, { type: "make_link", ...wish });
    onRefused(refused ?? "");
    setMadeFor(refused === null ? own : "");
    // The link is told before the answer.
    const made = desk.store.get().links[session];
    if (refused === null && bySending && made !== undefined) {
      desk.say(session, { kind: "text", text: t("collab.link_text", { address: addressOf(made.token) }) }, false);
    }
  };
  if (link === undefined || madeFor !== own) {
    return bySending
      ? <Button icon={Send} tone="accent" onPress={() => void make()}>{t("collab.link_send")}</Button>
      : <Button icon={Link} onPress={() => void make()}>{t("collab.link_make")}</Button>;
  }
  const address = addressOf(link.token);
  // Only secure pages have a clipboard.
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  const copy = async (): Promise<void> => {
    await clipboard?.writeText(address);
    setCopied(true);
  };
  return (
    <div className={s.link}>
      <output aria-label={t("collab.link")}>{address}</output>
      {clipboard !== undefined && <Button icon={Copy} onPress={() => void copy().catch(() => setCopied(false))}>{t("collab.link_copy")}</Button>}
      <p className={s.hint} role="status">{copied && <b>{t("collab.link_copied")} </b>}
        {t(bySending ? "collab.link_sent" : "collab.link_hint", { time: timeOfDay(link.until) })}
      </p>
    </div>
  );
}
