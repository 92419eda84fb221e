// Digits for the other side: by button or by the keys of the keyboard.
import { useState } from "react";
import { t } from "../i18n";
import { useDesk } from "../parts/desk";
import s from "./voice-panel.module.css";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

export function Keypad({ leg }: { leg: string }) {
  const desk = useDesk();
  const [typed, setTyped] = useState("");
  const press = (digit: string): void => {
    desk.phone.key(leg, digit);
    setTyped((before) => (before + digit).slice(-24));
  };
  return (
    <div className={s.keypad} role="group" aria-label={t("voice.keypad")}
      onKeyDown={(event) => {
        if (event.altKey || event.ctrlKey || event.metaKey || !DIGITS.includes(event.key)) return;
        event.preventDefault();
        press(event.key);
      }}>
      <output aria-live="polite">{typed}</output>
      {DIGITS.map((digit) => <button key={digit} type="button" onClick={() => press(digit)}>{digit}</button>)}
    </div>
  );
}
