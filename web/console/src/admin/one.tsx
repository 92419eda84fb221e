// One channel: how it fares, what is to be entered at its provider, its settings, a test, and its end.
import { Trash2 } from "lucide-react";
import { useCallback, useEffect, useState, type FormEvent, type ReactNode } from "react";
import { t } from "../i18n";
import { Button, Dialog } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { useLeaving } from "../parts/leave";
import type { Channel, Channels, Kinds } from "../wire/channels";
import type { Problem } from "../wire/rest";
import { Entry } from "./entry";
import { FaresAtLength, StandingMark } from "./fares";
import { draftOf } from "./fields";
import { ChannelFields } from "./form";
import { Failed, problemOf, problemText, usePolled } from "./load";
import { LeaveDialog, Notice } from "./notice";
import { useSaving } from "./saving";
import { TryOut } from "./try";
import { AtProvider } from "./verify";
import { a, kindOf } from "./words";
import s from "./admin.module.css";

const LOOK_MS = 2_000;

export function OneChannel(props: { channels: Channels; kinds: Kinds; name: string; onGone: () => void }) {
  const { channels, name } = props;
  const fetchIt = useCallback(() => channels.one(name), [channels, name]);
  const { value, failed, again, put } = usePolled(fetchIt, LOOK_MS);
  if (value === null) {
    return failed === null ? <p className={s.help} aria-busy="true">{a("loading")}</p> : <Failed problem={failed} onRetry={again} />;
  }
  return (
    <div className={s.page}>
      <div className={s.head}>
        <h2>{value.name}</h2>
        <span>{kindOf(value.kind)}</span>
        <StandingMark channel={value} />
      </div>
      {failed !== null && <Failed problem={failed} onRetry={again} />}
      <Section title={a("fares")}><FaresAtLength channel={value} /></Section>
      <Section title={a("set_up")}><AtProvider channel={value} /></Section>
      <Section title={a("settings")}>
        <Settings {...props} channel={value} onTaken={(channel) => put({ ...channel, state: channel.state ?? value.state })} />
      </Section>
      <Section title={a("test")}><TryOut channels={channels} name={name} onTried={again} /></Section>
      <Remove channels={channels} channel={value} onGone={props.onGone} onStale={again} />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={s.part} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** What was there when it was begun to be changed stays what a change is made over. */
function Settings(props: { channels: Channels; kinds: Kinds; channel: Channel; onTaken: (channel: Channel) => void }) {
  const { channels, kinds } = props;
  const desk = useDesk();
  const [over, setOver] = useState(props.channel);
  const spec = kinds.kinds.find((one) => one.kind === over.kind);
  const saving = useSaving(draftOf(over), spec, over.secrets, false,
    (wish) => channels.change(over.name, over.version, wish),
    (saved) => {
      take(saved);
      props.onTaken(saved);
      desk.toast("info", a("saved"));
    });
  const take = (channel: Channel): void => {
    setOver(channel);
    saving.begin(draftOf(channel));
  };
  const { version } = props.channel;
  // What others change is followed while nothing is entered here.
  useEffect(() => {
    if (!saving.dirty) take(props.channel);
  }, [version]);
  const reload = async (): Promise<void> => {
    try {
      const now = await channels.one(over.name);
      take(now);
      props.onTaken(now);
    } catch (error) {
      desk.toast("error", problemText(problemOf(error)));
    }
  };
  const leaving = useLeaving(saving.dirty);
  if (spec === undefined) return <p className={s.help}>{a("about.other")}</p>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void saving.save();
  };
  return (
    <form className={s.form} ref={saving.form} aria-label={a("settings")} noValidate onSubmit={submit}>
      <ChannelFields draft={saving.draft} spec={spec} entries={kinds.entries} set={over.secrets} isNew={false} wrongs={saving.wrongs}
        onChange={saving.change} onLeft={saving.left} />
      <Notice saving={saving} />
      {saving.failed?.code === "changed" && (
        <div className={s.failed} role="alert">
          <p>{a("changed")}</p>
          <Button onPress={() => void reload()}>{a("reload")}</Button>
        </div>
      )}
      <div className={s.row}>
        <Button type="submit" tone="accent" isDisabled={saving.busy || !saving.dirty}>{saving.busy ? a("saving") : a("save")}</Button>
      </div>
      <LeaveDialog leaving={leaving} />
    </form>
  );
}

function Remove(props: { channels: Channels; channel: Channel; onGone: () => void; onStale: () => void }) {
  const { channels, channel, onGone, onStale } = props;
  const desk = useDesk();
  const [asked, setAsked] = useState(false);
  const [typed, setTyped] = useState("");
  const [failed, setFailed] = useState<Problem | null>(null);
  const close = (): void => {
    setAsked(false);
    setTyped("");
    setFailed(null);
  };
  const remove = async (): Promise<void> => {
    try {
      await channels.remove(channel.name, channel.version);
      desk.toast("info", a("removed", { name: channel.name }));
      onGone();
    } catch (error) {
      setFailed(problemOf(error));
      onStale();
    }
  };
  return (
    <div className={s.row}>
      <Button tone="danger" icon={Trash2} onPress={() => setAsked(true)}>{a("remove")}</Button>
      <Dialog title={a("remove.title", { name: channel.name })} isOpen={asked} onClose={close} alert>
        <form className={s.form} onSubmit={(event) => {
          event.preventDefault();
          if (typed === channel.name) void remove();
        }}>
          <p>{a("remove.text")}</p>
          <Entry field="typed" label={a("remove.name")} value={typed} onChange={setTyped} autoFocus />
          {failed !== null && <Failed problem={failed} />}
          <div className={s.row}>
            <Button onPress={close}>{t("cancel")}</Button>
            <Button tone="danger" type="submit" isDisabled={typed !== channel.name}>{a("remove")}</Button>
          </div>
        </form>
      </Dialog>
    </div>
  );
}
