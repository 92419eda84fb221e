// Where the provider is to call and what is entered there, and the wait until it has.
import { BadgeCheck, Copy, Loader } from "lucide-react";
import { useState } from "react";
import { timeOfDay } from "../i18n";
import { Button } from "../parts/controls";
import type { Channel } from "../wire/channels";
import { Forged, Troubled } from "./fares";
import { a, consoleOf } from "./words";
import s from "./admin.module.css";

const LOOPBACK = /^(localhost|127\..*|\[::1\]|.*\.localhost)$/;

/** The address, and what is to be done with it at the provider's console. */
export function AtProvider({ channel }: { channel: Channel }) {
  const [copied, setCopied] = useState(false);
  if (channel.state?.meets === "asks") return <p>{a("console.asks")}</p>;
  const address = `${location.origin}/hooks/${channel.name}`;
  // Only secure pages have a clipboard.
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  const copy = async (): Promise<void> => {
    await clipboard?.writeText(address);
    setCopied(true);
  };
  return (
    <div className={s.provider}>
      <div className={s.address}>
        <output aria-label={a("callback")}>{address}</output>
        {clipboard !== undefined && <Button icon={Copy} onPress={() => void copy().catch(() => setCopied(false))}>{a("copy")}</Button>}
        <span role="status">{copied && a("copied")}</span>
      </div>
      {LOOPBACK.test(location.hostname) ? <p className={s.warn}>{a("local", { origin: location.origin })}</p>
        : location.protocol !== "https:" && <p className={s.warn}>{a("plain")}</p>}
      <p>{consoleOf(channel.kind)}</p>
    </div>
  );
}

/** Waits for the provider; it turns to a tick by itself. */
export function Waits({ channel }: { channel: Channel }) {
  const fares = channel.state;
  return (
    <div className={s.waits}>
      <p role="status" aria-live="polite" data-verified={fares?.verified != null}>
        {fares === null ? a("unseen") : fares.verified !== null
          ? <><BadgeCheck size={20} aria-hidden="true" /> {a("verified", { time: timeOfDay(fares.verified) })}</>
          : <><Loader size={20} aria-hidden="true" className={s.turns} /> {fares.meets === "asks" ? a("asking") : a("waiting")}</>}
      </p>
      {fares !== null && <Forged fares={fares} />}
      {fares?.trouble != null && <p className={s.warn}><Troubled trouble={fares.trouble} /></p>}
    </div>
  );
}
