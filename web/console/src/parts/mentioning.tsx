// Naming colleagues in what is written, and marking them in what is shown.
import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import { t } from "../i18n";
import { uriOf } from "../store/state";
import type { Colleague } from "../wire/protocol";
import { useDeskState } from "./desk";
import { asked, fill, handleOf, pieces, suggest } from "./mentions";
import { useSuggest, type Suggest } from "./suggest";
import s from "./mentioning.module.css";

/** The list of colleagues for the text area, while an `@` is being written in it; `among` says who can be named. */
export function useMentions(
  area: RefObject<HTMLTextAreaElement | null>, text: string, setText: (text: string) => void, isOn: boolean,
  among?: readonly Colleague[],
): Suggest & { look: () => void } {
  const everybody = useDeskState((state) => state.config.people);
  const people = among ?? everybody;
  const me = useDeskState((state) => state.me?.user ?? "");
  const [caret, setCaret] = useState(0);
  const [dismissed, setDismissed] = useState(-1);
  const goal = useRef<number | null>(null);
  // The caret is put where it belongs once the text is there.
  useLayoutEffect(() => {
    if (goal.current === null) return;
    area.current?.setSelectionRange(goal.current, goal.current);
    goal.current = null;
  }, [area, text]);
  const at = isOn ? asked(text, Math.min(caret, text.length)) : null;
  const found = at === null || at.from === dismissed ? [] : suggest(people, at.needle, uriOf(me));
  const pick = (id: string): void => {
    const who = people.find((p) => p.agent === id);
    if (who === undefined || at === null) return;
    const filled = fill(text, Math.min(caret, text.length), at.from, handleOf(everybody, who));
    goal.current = filled.caret;
    setCaret(filled.caret);
    setText(filled.text);
  };
  const list = useSuggest(t("mention.list"), found.map((p) => ({ id: p.agent, name: p.display })), pick,
    () => setDismissed(at?.from ?? -1));
  const look = (): void => {
    const now = area.current?.selectionStart ?? 0;
    setCaret(now);
    if (asked(area.current?.value ?? "", now) === null) setDismissed(-1);
  };
  return { ...list, look };
}

/** A text in which colleagues who are named are marked, oneself more than others. */
export function Mentioned({ text }: { text: string }) {
  const people = useDeskState((state) => state.config.people);
  const me = useDeskState((state) => state.me?.user ?? "");
  return (
    <>
      {pieces(text, people).map((piece, i) => (piece.agent === null
        ? piece.text
        : <mark key={i} className={s.mention} data-me={piece.agent === uriOf(me)}>{piece.text}</mark>))}
    </>
  );
}
