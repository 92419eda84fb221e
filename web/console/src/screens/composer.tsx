// Writing to the customer, or a note among agents. Enter sends, but never while an input method composes.
import { Paperclip, Send, Split, XCircle } from "lucide-react";
import { useRef, useState, type RefObject } from "react";
import { t } from "../i18n";
import { isSend } from "../keys/shortcuts";
import { useCommands } from "../keys/use";
import { fillCanned, findCanned } from "../parts/canned";
import { Button, Dialog } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { useDrop } from "../parts/drop";
import { useMentions } from "../parts/mentioning";
import { customerOf } from "../parts/names";
import { useSuggest, type Suggest } from "../parts/suggest";
import { emptyThread } from "../store/thread";
import type { Contact } from "../wire/protocol";
import { quoteOf } from "./ask-colleague";
import { Automation, AutomationBanner } from "./automation";
import { GiveAway } from "./give-away";
import s from "./chat.module.css";

/** The most bytes of a message, as the vocabulary says. */
const MAX_TEXT = 8 * 1024;
const fits = (text: string): boolean => new TextEncoder().encode(text).length <= MAX_TEXT;

export function Composer({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const { session, standing } = contact;
  const [text, setText] = useState("");
  // Of what is shared alone the words are a colleague's: only notes are written.
  const alone = contact.alone === true;
  const [isNote, setNote] = useState(contact.medium !== "chat" || alone);
  const area = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const over = standing.is === "wrap_up" || contact.customer.is === "left";
  const writing = isNote || !over;
  const may = useDeskState((state) => state.me?.permissions.includes("message") ?? false);
  const messages = useDeskState((state) => (state.threads[session] ?? emptyThread).messages);

  useCommands((command) => {
    if ((command !== "reply" || alone) && command !== "note") return false;
    setNote(command === "note");
    area.current?.focus();
    return true;
  });
  const list = useList(contact, area, isNote && may, isNote, text, setText);
  const send = (): void => {
    const said = text.trim();
    if (said === "" || !writing) return;
    if (!fits(said)) return desk.toast("error", t("chat.too_long"));
    desk.say(session, { kind: "text", text: said }, isNote);
    // A colleague is no party of the session: what they are told is a message of their own.
    if (isNote && may) desk.colleagues.tellMentioned(said, quoteOf(contact, messages), null);
    setText("");
  };
  const attach = (files: Iterable<File>): void => {
    if (isNote || over) return;
    for (const one of [...files].slice(0, 5)) void desk.sendFile(session, one);
  };
  const drop = useDrop(attach);
  const onKey = (event: React.KeyboardEvent<HTMLTextAreaElement>): void => {
    if (!list.onKey(event)) {
      if (!isSend(event.nativeEvent)) return;
      send();
    }
    event.preventDefault();
  };

  return (
    <div className={s.composer} data-private={isNote} {...drop}>
      {contact.medium === "chat" && <AutomationBanner contact={contact} />}
      {list.list}
      <Tabs isNote={isNote} onChange={setNote} contact={contact} />
      {writing ? (
        <div className={s.entry}>
          <textarea ref={area} value={text} rows={2} aria-label={isNote ? t("chat.note") : t("chat.reply")}
            placeholder={isNote ? t("chat.note_hint") : t("chat.reply_hint")}
            {...list.aria} onSelect={list.look}
            onChange={(event) => {
              setText(event.target.value);
              list.restart();
              list.look();
              if (!isNote && event.target.value !== "") desk.typing(session);
            }}
            onKeyDown={onKey}
            onPaste={(event) => {
              if (event.clipboardData.files.length === 0) return;
              event.preventDefault();
              attach(event.clipboardData.files);
            }} />
          {!isNote && (
            <>
              <input ref={file} type="file" multiple hidden onChange={(event) => {
                attach(event.target.files ?? []);
                event.target.value = "";
              }} />
              <Button icon={Paperclip} label={t("chat.attach")} onPress={() => file.current?.click()} />
            </>
          )}
          <Button tone="accent" icon={Send} onPress={send} isDisabled={text.trim() === ""}>{t("chat.send")}</Button>
        </div>
      ) : <p className={s.closed}>{t("chat.closed")}</p>}
    </div>
  );
}

/** What may stand where one writes: replies kept ready behind `/`, in a note colleagues behind `@`. */
function useList(
  contact: Contact, area: RefObject<HTMLTextAreaElement | null>, mayName: boolean, isNote: boolean,
  text: string, setText: (text: string) => void,
): Suggest & { look: () => void } {
  const canned = useDeskState((state) => state.config.canned);
  const agent = useDeskState((state) => state.me?.display ?? "");
  const replies = isNote ? [] : findCanned(canned, text);
  const pick = (name: string): void => {
    const reply = replies.find((one) => one.name === name);
    if (reply !== undefined) setText(fillCanned(reply.text, { customer: customerOf(contact), agent }));
    area.current?.focus();
  };
  const kept = useSuggest(
    t("chat.canned"), replies.map(({ name, text: note }) => ({ id: name, name, note })), pick, () => setText(""));
  const names = useMentions(area, text, setText, mayName);
  return isNote ? names : { ...kept, look: names.look };
}

function Tabs(props: { isNote: boolean; onChange: (note: boolean) => void; contact: Contact }) {
  const { isNote, onChange, contact } = props;
  const chat = contact.medium === "chat";
  return (
    <div className={s.tabs}>
      <div role="tablist" aria-label={t("chat.kind")}>
        {contact.alone !== true
          && <button type="button" role="tab" aria-selected={!isNote} onClick={() => onChange(false)}>{t("chat.reply")}</button>}
        <button type="button" role="tab" aria-selected={isNote} onClick={() => onChange(true)}>{t("chat.note")}</button>
      </div>
      <span className={s.spring} />
      {chat && contact.standing.is !== "wrap_up" && <ChatActions contact={contact} />}
    </div>
  );
}

function ChatActions({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const [giving, setGiving] = useState(false);
  const [closing, setClosing] = useState(false);
  const talking = contact.standing.is === "talk" || contact.standing.is === "hold";
  const close = (): void => {
    setClosing(false);
    void desk.verb(contact.session, { type: "hang_up" });
  };
  useCommands((command) => {
    if (command === "transfer" && talking) setGiving(true);
    else if (command === "close") setClosing(true);
    else return false;
    return true;
  });
  return (
    <>
      {contact.alone !== true && <Automation contact={contact} />}
      <Button icon={Split} isDisabled={!talking} onPress={() => setGiving(true)}>{t("voice.give")}</Button>
      <Button icon={XCircle} onPress={() => setClosing(true)}>{t("chat.close")}</Button>
      <GiveAway contact={contact} isOpen={giving} onClose={() => setGiving(false)} />
      <Dialog title={t("chat.close_title")} isOpen={closing} onClose={() => setClosing(false)} alert>
        <div className={s.tabs}>
          <Button tone="danger" autoFocus onPress={close}>{t("chat.close")}</Button>
          <Button onPress={() => setClosing(false)}>{t("cancel")}</Button>
        </div>
      </Dialog>
    </>
  );
}
