// A list of what may stand where one writes: moved through by the arrows, taken by Enter or Tab, never while an input
// method composes, whose keys these are then.
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import s from "./suggest.module.css";

export type Suggestion = { id: string; name: string; note?: string };

export type Suggest = {
  list: ReactNode;
  /** For the text area. */
  aria: { "aria-autocomplete": "list"; "aria-controls": string | undefined; "aria-activedescendant": string | undefined };
  /** Whether the key was for the list. */
  onKey: (event: KeyboardEvent) => boolean;
  /** The text has changed: the first one is marked again. */
  restart: () => void;
};

export function useSuggest(
  label: string, found: readonly Suggestion[], pick: (id: string) => void, dismiss: () => void,
): Suggest {
  const id = useId();
  const [at, setAt] = useState(0);
  const current = Math.min(at, found.length - 1);
  const onKey = (event: KeyboardEvent): boolean => {
    const native = event.nativeEvent;
    const chosen = found[current];
    if (chosen === undefined || native.isComposing || native.keyCode === 229) return false;
    switch (event.key) {
      case "ArrowDown": setAt((current + 1) % found.length); return true;
      case "ArrowUp": setAt((current + found.length - 1) % found.length); return true;
      case "Escape": dismiss(); return true;
      case "Tab":
      case "Enter":
        if (event.shiftKey) return false;
        pick(chosen.id);
        return true;
      default: return false;
    }
  };
  const open = found.length > 0;
  return {
    onKey,
    restart: () => setAt(0),
    aria: {
      "aria-autocomplete": "list",
      "aria-controls": open ? id : undefined,
      "aria-activedescendant": open ? `${id}-${current}` : undefined,
    },
    list: open && (
      <ul className={s.list} role="listbox" id={id} aria-label={label}>
        {found.map((one, i) => (
          <li key={one.id} id={`${id}-${i}`} role="option" aria-selected={i === current}
            onMouseDown={(event) => {
              // The text keeps the focus.
              event.preventDefault();
              pick(one.id);
            }}>
            {one.name}{one.note !== undefined && <small>{one.note}</small>}
          </li>
        ))}
      </ul>
    ),
  };
}
