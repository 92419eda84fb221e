// The other way round than by a code: a link that the agent sends or reads out, and that brings one browser to the call.
import { Copy, Link } from "lucide-react";
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
};

export function JoinLink({ session, wish, onRefused, onJoined }: Props) {
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
  };
  if (link === undefined || madeFor !== own) {
    return <Button icon={Link} onPress={() => void make()}>{t("collab.link_make")}</Button>;
  }
  const address = `${location.origin}/join/${link.token}`;
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
      <p className={s.hint} role="status">{copied && <b>{t("collab.link_copied")} </b>}{t("collab.link_hint", { time: timeOfDay(link.until) })}</p>
    </div>
  );
}
