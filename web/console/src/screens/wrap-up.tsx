// A8: what the contact was about, by typing its beginning; a note; on to the next one or to a break.
import { useEffect, useState } from "react";
import { t } from "../i18n";
import { isSend } from "../keys/shortcuts";
import { useCommands, useHint } from "../keys/use";
import { Until, useNow } from "../parts/clock";
import { Button } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import type { Contact, Disposition } from "../wire/protocol";
import { serverNow } from "../wire/skew";
import s from "./wrap-up.module.css";

const shown = (d: Disposition): string => (d.label === "" ? d.name : d.label);

export function WrapUp({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const [code, setCode] = useState(contact.disposition ?? "");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const finish = async (next: "ready" | "break"): Promise<void> => {
    setBusy(true);
    await desk.finish(contact.session, code, note.trim(), next);
    setBusy(false);
  };
  useCommands((command) => {
    if (command !== "finish" || busy) return false;
    void finish("ready");
    return true;
  });
  const { standing } = contact;
  const hint = useHint("finish");
  return (
    <aside className={s.drawer} aria-label={t("wrap.title")}>
      <header>
        <h2>{t("wrap.title")}</h2>
        {standing.is === "wrap_up" && <Until at={standing.until} />}
      </header>
      {standing.is === "wrap_up" && <Left until={standing.until} />}
      <TypeAhead value={code} onChange={setCode} />
      <label className={s.note}>
        <span>{t("wrap.note")}</span>
        <textarea rows={4} value={note} onChange={(event) => setNote(event.target.value)} maxLength={4000} />
      </label>
      <Button tone="ready" big isDisabled={busy} onPress={() => void finish("ready")} hint={hint}>{t("wrap.ready")}</Button>
      <Button big isDisabled={busy} onPress={() => void finish("break")}>{t("wrap.break")}</Button>
    </aside>
  );
}

/** The share of the time that is left, measured from when the drawer was first seen. */
function Left({ until }: { until: number }) {
  const now = useNow();
  const [whole] = useState(() => Math.max(1, until - serverNow()));
  return <progress className={s.bar} max={whole} value={Math.max(0, until - now)} aria-label={t("wrap.left")} />;
}

function TypeAhead({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const all = useDeskState((state) => state.config.dispositions);
  const chosen = all.find((d) => d.name === value);
  const [text, setText] = useState(chosen === undefined ? "" : shown(chosen));
  const [at, setAt] = useState(0);
  const needle = text.trim().toLowerCase();
  const found = all.filter((d) => `${d.name} ${d.label}`.toLowerCase().includes(needle)).slice(0, 8);
  const current = Math.min(at, found.length - 1);
  const pick = (d: Disposition | undefined): void => {
    if (d === undefined) return;
    setText(shown(d));
    onChange(d.name);
  };
  const open = chosen === undefined || shown(chosen) !== text;
  useEffect(() => {
    if (text === "" && value !== "") onChange("");
  }, [text, value, onChange]);
  return (
    <div className={s.ahead}>
      <label htmlFor="disposition">{t("wrap.disposition")}</label>
      <input id="disposition" role="combobox" autoFocus aria-expanded={open && found.length > 0} aria-controls="dispositions"
        aria-autocomplete="list" aria-activedescendant={open && current >= 0 ? `disposition-${current}` : undefined}
        value={text} autoComplete="off"
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(found.length - 1, current + 1));
          else if (event.key === "ArrowUp") setAt(Math.max(0, current - 1));
          else if (isSend(event.nativeEvent)) pick(found[current]);
          else return;
          event.preventDefault();
        }} />
      <ul id="dispositions" role="listbox" aria-label={t("wrap.disposition")} hidden={!open || found.length === 0}>
        {found.map((d, i) => (
          <li key={d.name} id={`disposition-${i}`} role="option" aria-selected={i === current} onClick={() => pick(d)}>{shown(d)}</li>
        ))}
      </ul>
    </div>
  );
}
