// What is to be shared: the kind, and which form where it is one.
import { useState } from "react";
import type { Kind } from "@ngcc/share/wire";
import { t } from "../i18n";
import { Choose } from "../parts/controls";
import { useDeskState } from "../parts/desk";
import type { Config } from "../wire/protocol";

const KINDS: Kind[] = ["cobrowse", "form", "whiteboard", "document", "file", "url", "screen"];

type Choice = {
  kind: Kind; setKind: (kind: Kind) => void; form: string; setForm: (form: string) => void; forms: Config["forms"];
  /** As the verb `collaborate` has it. */
  wish: { kind: Kind; form?: string };
};

export function useWhat(): Choice {
  const forms = useDeskState((state) => state.config.forms);
  const [kind, setKind] = useState<Kind>("cobrowse");
  const [chosen, setForm] = useState("");
  const form = chosen === "" ? (forms[0]?.name ?? "") : chosen;
  return { kind, setKind, form, setForm, forms, wish: kind === "form" ? { kind, form } : { kind } };
}

export function What({ kind, setKind, form, setForm, forms }: Choice) {
  const kinds = KINDS.filter((k) => k !== "form" || forms.length > 0);
  return (
    <>
      <Choose label={t("collab.what")} value={kind} onChange={(id) => setKind(id as Kind)}
        options={kinds.map((k) => ({ id: k, name: t(`collab.kind.${k}`) }))} />
      {kind === "form" && (
        <Choose label={t("collab.form")} value={form} onChange={setForm}
          options={forms.map((f) => ({ id: f.name, name: f.label === undefined || f.label === "" ? f.name : f.label }))} />
      )}
    </>
  );
}
