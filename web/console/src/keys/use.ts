// Binds shortcuts to the window, and lets parts say what a command does while they are shown.
import { useEffect, useRef } from "react";
import { bindings, labelOf, useBindings, type Bindable } from "./bindings";
import { commandOf, type Command } from "./shortcuts";

type Listener = (command: Command) => boolean;
const listeners: Listener[] = [];

/** While the calling part is shown, `handle` is asked first about every command; true takes it. */
export function useCommands(handle: Listener): void {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });
  useEffect(() => {
    const listener: Listener = (command) => latest.current(command);
    listeners.unshift(listener);
    return () => {
      listeners.splice(listeners.indexOf(listener), 1);
    };
  }, []);
}

export function run(command: Command): boolean {
  return listeners.some((listener) => listener(command));
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** To be called once, at the top. */
export function useKeyboard(): void {
  useEffect(() => {
    let gAt = -Infinity;
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.isComposing) return;
      const typing = isTyping(event.target);
      const now = performance.now();
      const { code, key, altKey, ctrlKey, metaKey } = event;
      const command = commandOf({ code, key, altKey, ctrlKey, metaKey, typing }, now - gAt < 1000, bindings());
      gAt = code === "KeyG" && !typing && !altKey && !ctrlKey && !metaKey ? now : -Infinity;
      if (command !== null && run(command)) event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** What is written on a button of the key that does the same. */
export function useHint(command: Bindable): string {
  return labelOf(useBindings()[command]);
}
