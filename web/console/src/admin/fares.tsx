// How a channel fares, in a word with its sign and at length.
import { BadgeCheck, CircleAlert, CircleHelp, Clock3, ShieldAlert } from "lucide-react";
import { dateTime, timeOfDay } from "../i18n";
import type { Channel, Fares } from "../wire/channels";
import { a, classOf, standingOf, standingWord, type Standing } from "./words";
import s from "./admin.module.css";

const SIGNS: Record<Standing, typeof Clock3> = {
  ok: BadgeCheck, waiting: Clock3, asking: Clock3, forged: ShieldAlert, failing: CircleAlert, unknown: CircleHelp,
};

export function StandingMark({ channel }: { channel: Channel }) {
  const standing = standingOf(channel);
  const Sign = SIGNS[standing];
  return (
    <span className={s.standing} data-standing={standing}>
      <Sign size={16} aria-hidden="true" />
      {standingWord(channel)}
    </span>
  );
}

export const when = (at: number | null): string => (at === null ? a("never") : dateTime(at));

export function Troubled({ trouble }: { trouble: NonNullable<Fares["trouble"]> }) {
  return <span>{dateTime(trouble.at)} · {classOf(trouble.class)}: <q>{trouble.words}</q></span>;
}

export function Forged({ fares }: { fares: Fares }) {
  if (fares.forged === null) return null;
  return <p className={s.warn} role="status">{a("forged", { n: fares.forged.count, time: timeOfDay(fares.forged.last) })}</p>;
}

export function FaresAtLength({ channel }: { channel: Channel }) {
  const fares = channel.state;
  if (fares === null) return <p className={s.help}>{a("unseen")}</p>;
  const token = fares.token.is === "held" ? a("token.held", { time: when(fares.token.until ?? null) })
    : fares.token.is === "missing" ? a("token.missing") : a("token.needless");
  const rows: [string, string][] = [
    [a("fares.verified"), when(fares.verified)], [a("col.in"), when(fares.last_in)], [a("col.out"), when(fares.last_out)],
    [a("fares.failures"), String(fares.failures)], [a("fares.token"), token],
  ];
  return (
    <>
      <Forged fares={fares} />
      <dl className={s.fares}>
        {rows.map(([name, text]) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}
        <div><dt>{a("col.error")}</dt><dd>{fares.trouble === null ? a("never") : <Troubled trouble={fares.trouble} />}</dd></div>
      </dl>
      <p className={s.help}>{a("fares.since", { time: dateTime(fares.since) })}</p>
    </>
  );
}
