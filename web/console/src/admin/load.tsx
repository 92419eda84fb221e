// What is asked of the centre again and again while it is looked at, and how it is shown that it does not come.
import { useCallback, useEffect, useState } from "react";
import { t, tWord } from "../i18n";
import { Button } from "../parts/controls";
import { Problem } from "../wire/rest";
import s from "./admin.module.css";

/** `failed` beside a value: that is what was known before. */
export type Load<T> = { value: T | null; failed: Problem | null };

export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "unknown", "", null, null);
}

export const problemText = (problem: Problem): string => tWord("problem", problem.code);

/** Asked at once and then every `everyMs`, while the page is seen; `fetcher` must stay the same for the same question. */
export function usePolled<T>(fetcher: () => Promise<T>, everyMs: number): Load<T> & { again: () => void; put: (value: T) => void } {
  const [load, setLoad] = useState<Load<T>>({ value: null, failed: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let over = false;
    let timer = 0;
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const value = await fetcher();
          if (!over) setLoad({ value, failed: null });
        } catch (error) {
          if (!over) setLoad((before) => ({ value: before.value, failed: problemOf(error) }));
        }
      }
      if (!over) timer = window.setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [fetcher, everyMs, round]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  /** What is known by other ways; what was asked before it is not waited for. */
  const put = useCallback((value: T) => {
    setLoad({ value, failed: null });
    setRound((n) => n + 1);
  }, []);
  return { ...load, again, put };
}

export function Failed({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div className={s.failed} role="alert">
      <p>{problemText(problem)}</p>
      {problem.requestId !== null && <code>{problem.requestId}</code>}
      {onRetry !== undefined && <Button onPress={onRetry}>{t("retry")}</Button>}
    </div>
  );
}
