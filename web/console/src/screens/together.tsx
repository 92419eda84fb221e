// A form, a whiteboard, a text, files or addresses: the same elements as on the customer's page.
import { useEffect, useRef } from "react";
import type { Collab } from "@ngcc/share/collab";
import { t, useLang } from "../i18n";
import { useCollab } from "./sharing";
import s from "./sharing.module.css";

const ELEMENTS = { form: "ngcc-form", whiteboard: "ngcc-board", document: "ngcc-text", file: "ngcc-files", url: "ngcc-links" } as const;

function load(kind: keyof typeof ELEMENTS): Promise<unknown> {
  if (kind === "form") return import("@ngcc/share/form-view");
  return kind === "file" || kind === "url" ? import("@ngcc/share/put-view") : import("@ngcc/share/board-view");
}

export function Together({ collab, kind }: { collab: Collab; kind: keyof typeof ELEMENTS }) {
  const box = useRef<HTMLDivElement>(null);
  const lang = useLang();
  const { consents } = useCollab(collab);
  useEffect(() => {
    let gone = false;
    void load(kind).then(() => {
      if (gone) return;
      const el = document.createElement(ELEMENTS[kind]) as HTMLElement & { collab: Collab };
      el.lang = lang;
      el.collab = collab;
      box.current?.replaceChildren(el);
    });
    return () => {
      gone = true;
      box.current?.replaceChildren();
    };
  }, [collab, kind, lang]);
  return (
    <>
      {!consents.view && <p className={s.veil}>{t("collab.waiting_consent")}</p>}
      <div className={s.together} ref={box} hidden={!consents.view} />
    </>
  );
}
