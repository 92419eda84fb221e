// Leaving a page on which something was entered and not saved: whoever leads away asks here first.
import { useCallback, useEffect, useState } from "react";

let asks: ((go: () => void) => void) | null = null;

/** Does it, unless something would be lost: then the page that has it asks. */
export function leave(go: () => void): void {
  if (asks === null) go();
  else asks(go);
}

/** While `dirty`, nobody leaves unasked. What is asked, and the two answers. */
export function useLeaving(dirty: boolean): { asked: boolean; go: () => void; stay: () => void } {
  const [pending, setPending] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (!dirty) return undefined;
    const own = (go: () => void): void => setPending(() => go);
    const unload = (event: BeforeUnloadEvent): void => event.preventDefault();
    asks = own;
    window.addEventListener("beforeunload", unload);
    return () => {
      if (asks === own) asks = null;
      window.removeEventListener("beforeunload", unload);
    };
  }, [dirty]);
  const stay = useCallback(() => setPending(null), []);
  const go = useCallback(() => {
    setPending(null);
    pending?.();
  }, [pending]);
  return { asked: pending !== null, go, stay };
}
