// Looking for the other contact that is the same customer.
import { useState } from "react";
import { t, tWord } from "../i18n";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { Way } from "../parts/way";
import { type Customer, Problem } from "../wire/rest";
import s from "./customer.module.css";

type Found = { customers: Customer[]; next: string | null };

export function MergeWith(props: { who: Customer; isOpen: boolean; onClose: () => void; onChoose: (other: string) => void }) {
  return (
    <Dialog title={t("customer.merge")} isOpen={props.isOpen} onClose={props.onClose}>
      {props.isOpen && <Search {...props} />}
      <Button onPress={props.onClose}>{t("cancel")}</Button>
    </Dialog>
  );
}

function Search({ who, onChoose }: { who: Customer; onChoose: (other: string) => void }) {
  const desk = useDesk();
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [why, setWhy] = useState("");
  const look = async (cursor: string | null): Promise<void> => {
    try {
      const page = await desk.rest.findCustomers(text.trim(), cursor);
      const seen = new Set([who.id, ...(cursor === null ? [] : found?.customers.map((one) => one.id) ?? [])]);
      const fresh = page.data.filter((one) => !seen.has(one.id));
      setFound({ customers: cursor === null ? fresh : [...(found?.customers ?? []), ...fresh], next: page.next_cursor });
      setWhy("");
    } catch (error) {
      setWhy(error instanceof Problem ? tWord("problem", error.status === 0 ? "offline" : error.code) : t("problem.unknown"));
    }
  };
  return (
    <>
      <p>{t("customer.merge_note")}</p>
      <form className={s.row} onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") void look(null);
      }}>
        <Field label={t("customer.search")} value={text} onChange={setText} autoFocus inputMode="search" />
        <Button type="submit" isDisabled={text.trim() === ""}>{t("customer.look")}</Button>
      </form>
      <p role="status">{found !== null && found.customers.length === 0 && found.next === null ? t("customer.none") : ""}</p>
      <ul className={s.list}>
        {found?.customers.map((one) => (
          <li key={one.id}>
            <span className={s.value}>
              <b>{one.name ?? t("customer.unnamed")}</b>{" "}
              {one.identities.slice(0, 4).map((identity) => <span key={identity.user} className={s.by}><Way user={identity.user} /> </span>)}
            </span>
            <Button label={t("customer.merge_this", { who: one.name ?? one.identities[0]?.user ?? "" })}
              onPress={() => onChoose(one.id)}>{t("customer.merge_do")}</Button>
          </li>
        ))}
      </ul>
      {found?.next != null && <Button onPress={() => void look(found.next)}>{t("history.more")}</Button>}
      <p role="alert" className={s.why}>{why}</p>
    </>
  );
}
