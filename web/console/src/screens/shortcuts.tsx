// One's own keys: each command with its key, another key for it, and all as they were.
import { useEffect, useState } from "react";
import { t, type Key } from "../i18n";
import { BINDABLE, keep, labelOf, rebind, reset, useBindings, type Bindable } from "../keys/bindings";
import { Button } from "../parts/controls";
import s from "./shortcuts.module.css";

const nameOf = (command: Bindable): string => t(`key.${command}` as Key);
const MODIFIERS = ["Alt", "AltGraph", "Control", "Meta", "Shift"];

export function Shortcuts() {
  const bindings = useBindings();
  const [asked, setAsked] = useState<Bindable | null>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (asked === null) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Tab") return setAsked(null);
      // The key that is chosen must not do what it does now, nor press the button that has the focus.
      event.preventDefault();
      event.stopPropagation();
      if (MODIFIERS.includes(event.key)) return;
      if (event.key === "Escape") {
        setSaid("");
        return setAsked(null);
      }
      const done = rebind(bindings, asked, event);
      if (!done.ok) {
        const key = labelOf(event.code);
        return setSaid(done.why === "taken" ? t("keys.taken", { key, by: nameOf(done.by) }) : t("keys.unusable"));
      }
      keep(done.bindings);
      setSaid(t("keys.done", { what: nameOf(asked), key: labelOf(event.code) }));
      setAsked(null);
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, [asked, bindings]);
  return (
    <>
      <ul className={s.keys}>
        {BINDABLE.map((command) => (
          <li key={command}>
            <span>{nameOf(command)}</span>
            <kbd>{labelOf(bindings[command])}</kbd>
            <Button label={t("keys.change_of", { what: nameOf(command), key: labelOf(bindings[command]) })}
              tone={asked === command ? "accent" : "plain"}
              onPress={() => {
                setSaid("");
                setAsked(asked === command ? null : command);
              }}>
              {asked === command ? t("keys.press") : t("keys.change")}
            </Button>
          </li>
        ))}
      </ul>
      <p className={s.said} role="status">{asked !== null && said === "" ? t("keys.how", { what: nameOf(asked) }) : said}</p>
      <div>
        <Button onPress={() => {
          reset();
          setAsked(null);
          setSaid(t("keys.reset_done"));
        }}>{t("keys.reset")}</Button>
      </div>
    </>
  );
}
