// A question to a colleague, quoting what customer and agents wrote last: five lines at most. Notes and secrets are
// left out, and so is what the automatic service says: its questions would push out what the customer asked.
import { useState } from "react";
import { t } from "../i18n";
import { Button, Choose, Dialog, Field } from "../parts/controls";
import { contentLine } from "../parts/content";
import { useDesk, useDeskState } from "../parts/desk";
import { talkName } from "../parts/colleague";
import { authorOf, customerOf } from "../parts/names";
import { isMe } from "../store/desk";
import { isGroup, ordered } from "../store/team";
import { emptyThread } from "../store/thread";
import type { Contact, Message, Quote } from "../wire/protocol";
import { QuoteBlock } from "./quote";
import s from "./start.module.css";

const MAX_LINE = 500;

export function quoteOf(contact: Contact, messages: readonly Message[]): Quote {
  const customer = customerOf(contact);
  const said = messages.filter((m) => m.private !== true && (m.by.is === "customer" || m.by.is === "agent")
    && (m.content.kind === "text" || m.content.kind === "file"));
  const lines = said.slice(-5).map((m): [string, string] => [
    authorOf(m.by, customer), contentLine(m.content).slice(0, MAX_LINE),
  ]);
  return { session: contact.session, customer, lines };
}

export function AskColleague({ contact, isOpen, onClose }: { contact: Contact; isOpen: boolean; onClose: () => void }) {
  const desk = useDesk();
  const state = useDeskState((st) => st);
  const messages = useDeskState((st) => (st.threads[contact.session] ?? emptyThread).messages);
  const groups = ordered(state.team).filter(({ who, talk }) => isGroup(who) && talk.member);
  const people = [
    ...state.config.people.filter((p) => !isMe(state, p.agent)).map((p) => ({ id: p.agent, name: p.display })),
    ...groups.map(({ who }) => ({ id: who, name: talkName(state, who) })),
  ];
  const [to, setTo] = useState("");
  const [text, setText] = useState("");
  const whom = to === "" ? (people[0]?.id ?? "") : to;
  const quote = quoteOf(contact, messages);
  const send = (): void => {
    desk.colleagues.write(whom, text.trim(), quote);
    desk.toast("info", t("ask.sent"));
    setText("");
    onClose();
  };
  return (
    <Dialog title={t("ask.title")} isOpen={isOpen} onClose={onClose}>
      <div className={s.choices}>
        <Choose label={t("ask.whom")} value={whom} onChange={setTo} options={people} />
        <Field label={t("ask.text")} value={text} onChange={setText} autoFocus />
        <QuoteBlock quote={quote} />
        <Button tone="accent" isDisabled={text.trim() === "" || whom === ""} onPress={send}>{t("ask.send")}</Button>
      </div>
    </Dialog>
  );
}
