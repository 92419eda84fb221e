// A test message to one person, and what became of it.
import { useState, type FormEvent } from "react";
import { Button } from "../parts/controls";
import type { Channels, Tried } from "../wire/channels";
import type { Problem, Wrong } from "../wire/rest";
import { Entry } from "./entry";
import { Failed, problemOf } from "./load";
import { a, triedOf, wrongOf } from "./words";
import s from "./admin.module.css";

export function TryOut({ channels, name, onTried }: { channels: Channels; name: string; onTried?: () => void }) {
  const [to, setTo] = useState("");
  const [text, setText] = useState(a("test.own"));
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const [failed, setFailed] = useState<Problem | null>(null);
  const wrong = (field: string): string | null => {
    const one: Wrong | undefined = failed?.errors.find((error) => error.field === field);
    return one === undefined ? null : wrongOf(one);
  };
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy || to.trim() === "") return;
    setBusy(true);
    setTried(null);
    setFailed(null);
    try {
      setTried(await channels.tryOut(name, to.trim(), text));
      onTried?.();
    } catch (error) {
      setFailed(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={s.form} onSubmit={(event) => void send(event)} aria-label={a("test")}>
      <p className={s.help}>{a("test.lead")}</p>
      <Entry field="to" label={a("test.to")} help={a("test.to_help")} value={to} onChange={setTo} error={wrong("to")} />
      <Entry field="text" label={a("test.text")} value={text} onChange={setText} error={wrong("text")} />
      <div className={s.row}>
        <Button type="submit" tone="accent" isDisabled={busy || to.trim() === ""}>{busy ? a("test.busy") : a("test.go")}</Button>
      </div>
      <div role="status" aria-live="polite">
        {tried !== null && (
          <p className={tried.is === "sent" ? s.well : s.warn}>
            {triedOf(tried.is)}{tried.words !== null && <> <q>{tried.words}</q></>}
          </p>
        )}
      </div>
      {failed !== null && failed.errors.length === 0 && <Failed problem={failed} />}
    </form>
  );
}
