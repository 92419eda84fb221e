// Writing to a colleague or a group. Enter sends, but never while an input method composes; files are chosen, dropped or
// pasted.
import { Paperclip } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { t } from "../i18n";
import { isSend } from "../keys/shortcuts";
import { Button } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { useDrop } from "../parts/drop";
import { useMentions } from "../parts/mentioning";
import { isGroup, type Talk } from "../store/team";
import s from "./team.module.css";

/** The most bytes of a message, as the vocabulary says. */
const MAX_TEXT = 8 * 1024;
/** The most files at once. */
const MAX_FILES = 5;

export function TeamWrite({ who, name, talk }: { who: string; name: string; talk: Talk }) {
  const desk = useDesk();
  const [text, setText] = useState(desk.colleagues.drafts.get(who) ?? "");
  const area = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const people = useDeskState((state) => state.config.people);
  const group = isGroup(who);
  const members = group ? people.filter((p) => talk.members.some((m) => m.agent === p.agent)) : people;
  const names = useMentions(area, text, setText, true, members);
  useEffect(() => {
    if (text === "") desk.colleagues.drafts.delete(who);
    else desk.colleagues.drafts.set(who, text);
  }, [desk, who, text]);
  const send = (): void => {
    const said = text.trim();
    if (said === "") return;
    if (new TextEncoder().encode(said).length > MAX_TEXT) return desk.toast("error", t("chat.too_long"));
    desk.colleagues.write(who, said, null);
    // Whoever else is named is told by a message of their own; in a group everybody who can be named has it.
    if (!group) desk.colleagues.tellMentioned(said, null, who);
    setText("");
  };
  const attach = (files: Iterable<File>): void => {
    for (const one of [...files].slice(0, MAX_FILES)) void desk.colleagues.attach(who, one);
  };
  const drop = useDrop(attach);
  const label = t("team.write", { who: name });
  return (
    <div className={s.write} {...drop}>
      {names.list}
      <textarea ref={area} rows={2} autoFocus {...names.aria} onSelect={names.look} value={text} aria-label={label} placeholder={label}
        onChange={(event) => {
          setText(event.target.value);
          names.restart();
          names.look();
          if (event.target.value !== "") desk.colleagues.typing(who);
        }}
        onKeyDown={(event) => {
          if (!names.onKey(event)) {
            if (!isSend(event.nativeEvent)) return;
            send();
          }
          event.preventDefault();
        }}
        onPaste={(event) => {
          if (event.clipboardData.files.length === 0) return;
          event.preventDefault();
          attach(event.clipboardData.files);
        }} />
      <input ref={file} type="file" multiple hidden onChange={(event) => {
        attach(event.target.files ?? []);
        event.target.value = "";
      }} />
      <Button icon={Paperclip} label={t("chat.attach")} onPress={() => file.current?.click()} />
      <Button tone="accent" onPress={send} isDisabled={text.trim() === ""}>{t("chat.send")}</Button>
    </div>
  );
}
