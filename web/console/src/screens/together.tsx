// A form, a whiteboard or a text: the same elements as on the customer's page.
import { useEffect, useRef } from "react";
import type { Collab } from "@ngcc/share/collab";
import { t, useLang } from "../i18n";
import { useCollab } from "./sharing";
import s from "./sharing.module.css";

const ELEMENTS = { form: "ngcc-form", whiteboard: "ngcc-board", document: "ngcc-text" } as const;

export function Together({ collab, kind }: { collab: Collab; kind: keyof typeof ELEMENTS }) {
  const box = useRef<HTMLDivElement>(null);
  const lang = useLang();
  const { consents } = useCollab(collab);
  useEffect(() => {
    let gone = false;
    const load = kind === "form" ? import("@ngcc/share/form-view") : import("@ngcc/share/board-view");
    void load.then(() => {
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
