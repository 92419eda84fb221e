// Entering and saving a channel: what is wrong is said when a field is left, and again by the centre.
import { useRef, useState, type RefObject } from "react";
import type { Channel, KindSpec, Wish } from "../wire/channels";
import { Problem, type Wrong } from "../wire/rest";
import { toField } from "./entry";
import { nameWrong, wishOf, wrongIn, wrongsIn, type Draft } from "./fields";
import { problemOf } from "./load";

export type Saving = {
  draft: Draft;
  wrongs: readonly Wrong[];
  busy: boolean;
  /** Why nothing was saved, where it is no field's fault. */
  failed: Problem | null;
  dirty: boolean;
  form: RefObject<HTMLFormElement | null>;
  change: (draft: Draft) => void;
  left: (field: string) => void;
  /** Begins anew from this. */
  begin: (draft: Draft) => void;
  save: () => Promise<void>;
};

/** `put` saves it; `done` is told what is there then. */
export function useSaving(
  first: Draft, spec: KindSpec | undefined, set: readonly string[], isNew: boolean,
  put: (wish: Wish, name: string) => Promise<Channel>, done: (saved: Channel) => void,
): Saving {
  const [from, setFrom] = useState(first);
  const [draft, setDraft] = useState(first);
  const [wrongs, setWrongs] = useState<readonly Wrong[]>([]);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Problem | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const begin = (next: Draft): void => {
    setFrom(next);
    setDraft(next);
    setWrongs([]);
    setFailed(null);
  };
  const left = (field: string): void => {
    const of = spec?.fields.find((one) => one.key === field);
    const named = field === "name" ? wrongsIn(draft, { kind: "", fields: [] }, []).find((one) => one.field === "name") : undefined;
    const wrong = of === undefined ? named : wrongIn(draft, of, set);
    // Whoever passes a field without having typed is not told that it is missing: saving says so.
    const told = wrong == null || wrong.why === "missing" ? [] : [wrong];
    setWrongs((before) => [...before.filter((one) => one.field !== field), ...told]);
  };
  const change = (next: Draft): void => {
    setDraft(next);
    setFailed(null);
    // What is being mended is looked at again when it is left.
    setWrongs((before) => before.filter((one) => same(draft, next, one.field)));
  };
  const tell = (found: readonly Wrong[]): void => {
    setWrongs(found);
    toField(form.current, found[0]?.field ?? "");
  };
  const save = async (): Promise<void> => {
    if (spec === undefined || busy) return;
    const found = wrongsIn(isNew ? draft : { ...draft, name: "x" }, spec, set);
    if (found.length > 0) return tell(found);
    setBusy(true);
    setFailed(null);
    try {
      done(await put(wishOf(draft, spec), draft.name.trim()));
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === "taken") tell([{ ...nameWrong("x"), why: "taken" }]);
      else {
        tell(problem.errors.filter((one) => one.field !== ""));
        if (problem.errors.length === 0 || problem.errors.some((one) => one.field === "")) setFailed(problem);
      }
    } finally {
      setBusy(false);
    }
  };
  const dirty = JSON.stringify(draft) !== JSON.stringify(from);
  return { draft, wrongs, busy, failed, dirty, form, change, left, begin, save };
}

function same(one: Draft, other: Draft, field: string): boolean {
  const of = (draft: Draft): unknown =>
    field === "name" ? draft.name : field === "entry" ? draft.entry : field === "lang" ? draft.lang
      : field in draft.secrets ? draft.secrets[field] : draft.settings[field];
  return of(one) === of(other);
}
