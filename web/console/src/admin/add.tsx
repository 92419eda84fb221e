// Adding a channel, step by step: its kind, its account, the provider's verification, a test.
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { currentLang } from "../i18n";
import { Button } from "../parts/controls";
import { useLeaving } from "../parts/leave";
import type { Channel, Channels, KindSpec, Kinds } from "../wire/channels";
import { emptyDraft } from "./fields";
import { ChannelFields } from "./form";
import { LeaveDialog, Notice } from "./notice";
import { Failed, usePolled } from "./load";
import { useSaving } from "./saving";
import { TryOut } from "./try";
import { AtProvider, Waits } from "./verify";
import { a, aboutOf, kindOf } from "./words";
import s from "./admin.module.css";

const LOOK_MS = 2_000;
const STEPS = ["kind", "fields", "verify", "test"] as const;
type Step = (typeof STEPS)[number];

export function AddChannel(props: { channels: Channels; kinds: Kinds; onDone: (name: string | null) => void }) {
  const { channels, kinds, onDone } = props;
  const [kind, setKind] = useState(kinds.kinds[0]?.kind ?? "");
  const [step, setStep] = useState<Step>("kind");
  const [saved, setSaved] = useState<Channel | null>(null);
  const spec = kinds.kinds.find((one) => one.kind === kind);
  const saving = useSaving(emptyDraft(kind, kinds.entries[0] ?? "", currentLang() === "en" ? "en" : "zh"), spec, [], true,
    (wish, name) => channels.add(name, wish),
    (channel) => {
      setSaved(channel);
      setStep("verify");
    });
  const leaving = useLeaving(saved === null && saving.dirty);
  const toFields = (): void => {
    // What was entered for another kind says nothing of this one.
    if (saving.draft.kind !== kind) saving.begin({ ...emptyDraft(kind, saving.draft.entry, saving.draft.lang), name: saving.draft.name });
    setStep("fields");
  };
  return (
    <div className={s.page}>
      <Steps at={step} />
      {step === "kind" && (
        <Part step={step}>
          <ChooseKind kinds={kinds.kinds} kind={kind} onChoose={setKind} onNext={toFields} />
        </Part>
      )}
      {step === "fields" && spec !== undefined && (
        <Part step={step}>
          <form className={s.form} ref={saving.form} aria-label={kindOf(kind)} noValidate onSubmit={(event) => {
            event.preventDefault();
            void saving.save();
          }}>
            <p className={s.help}>{kindOf(kind)} · {aboutOf(kind)}</p>
            <ChannelFields draft={saving.draft} spec={spec} entries={kinds.entries} set={[]} isNew wrongs={saving.wrongs}
              onChange={saving.change} onLeft={saving.left} />
            <Notice saving={saving} />
            <div className={s.row}>
              <Button onPress={() => setStep("kind")}>{a("previous")}</Button>
              <Button type="submit" tone="accent" isDisabled={saving.busy}>{saving.busy ? a("saving") : a("save")}</Button>
            </div>
          </form>
        </Part>
      )}
      {step === "verify" && saved !== null && (
        <Part step={step}><Verification channels={channels} saved={saved} onNext={() => setStep("test")} /></Part>
      )}
      {step === "test" && saved !== null && (
        <Part step={step}>
          <TryOut channels={channels} name={saved.name} />
          <div className={s.row}>
            <Button onPress={() => setStep("verify")}>{a("previous")}</Button>
            <Button onPress={() => onDone(saved.name)}>{a("done")}</Button>
          </div>
        </Part>
      )}
      <LeaveDialog leaving={leaving} />
    </div>
  );
}

function Steps({ at }: { at: Step }) {
  return (
    <ol className={s.steps} aria-label={a("steps")}>
      {STEPS.map((step, n) => (
        <li key={step} aria-current={step === at ? "step" : undefined} data-past={n < STEPS.indexOf(at)}>
          <b>{n + 1}</b> {a(`step.${step}`)}
        </li>
      ))}
    </ol>
  );
}

/** One step; who comes to it by the keyboard or a screen reader begins at its heading. */
function Part({ step, children }: { step: Step; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [step]);
  const n = STEPS.indexOf(step) + 1;
  return (
    <section className={s.part}>
      <h2 ref={heading} tabIndex={-1}>{a("step.of", { n, step: a(`step.${step}`) })}</h2>
      {children}
    </section>
  );
}

function ChooseKind(props: { kinds: KindSpec[]; kind: string; onChoose: (kind: string) => void; onNext: () => void }) {
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      props.onNext();
    }}>
      <fieldset className={s.kinds}>
        <legend>{a("choose_kind")}</legend>
        {props.kinds.map(({ kind }) => (
          <label key={kind} className={s.kind} data-chosen={kind === props.kind}>
            <input type="radio" name="kind" value={kind} checked={kind === props.kind} onChange={() => props.onChoose(kind)} />
            <span><b>{kindOf(kind)}</b><small>{aboutOf(kind)}</small></span>
          </label>
        ))}
      </fieldset>
      <div className={s.row}><Button type="submit" tone="accent">{a("next")}</Button></div>
    </form>
  );
}

function Verification({ channels, saved, onNext }: { channels: Channels; saved: Channel; onNext: () => void }) {
  const fetchIt = useCallback(() => channels.one(saved.name), [channels, saved.name]);
  const { value, failed, again } = usePolled(fetchIt, LOOK_MS);
  const channel = value ?? saved;
  const isVerified = channel.state?.verified != null;
  return (
    <>
      {failed !== null && <Failed problem={failed} onRetry={again} />}
      {value !== null && <AtProvider channel={channel} />}
      {value !== null && <Waits channel={channel} />}
      {!isVerified && <p className={s.help}>{a("later")}</p>}
      <div className={s.row}><Button tone={isVerified ? "accent" : "plain"} onPress={onNext}>{a("next")}</Button></div>
    </>
  );
}
