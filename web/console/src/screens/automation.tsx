// S4: the customer goes to the automatic service and comes back to this agent, by a flow agents may call.
import { Bot, Ear, Undo2 } from "lucide-react";
import { useState } from "react";
import { t, tWord } from "../i18n";
import { useCommands } from "../keys/use";
import { Button, Choose, Dialog, Field, Toggle } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { serves } from "../parts/flows";
import type { Contact, Vars } from "../wire/protocol";
import s from "./voice-panel.module.css";

const ROWS = 3;

export function Automation({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const [isOpen, setOpen] = useState(false);
  const { standing, session } = contact;
  const inAuto = standing.is === "in_ivr";
  const may = standing.is === "talk" || standing.is === "hold";
  const takeBack = (): void => void desk.verb(session, { type: "take_back" });
  useCommands((command) => {
    if (command !== "automation") return false;
    if (inAuto) takeBack();
    else if (may) setOpen(true);
    return true;
  });
  if (inAuto) return <Button tone="auto" icon={Undo2} onPress={takeBack}>{t("auto.take_back")}</Button>;
  return (
    <>
      <Button tone="auto" icon={Bot} isDisabled={!may} onPress={() => setOpen(true)}>{t("auto.to")}</Button>
      <Dialog title={t("auto.to")} isOpen={isOpen} onClose={() => setOpen(false)}>
        <FlowChoice contact={contact} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function FlowChoice({ contact, onDone }: { contact: Contact; onDone: () => void }) {
  const desk = useDesk();
  const all = useDeskState((state) => state.config.flows);
  const flows = all.filter((f) => f.callable_by_agent && serves(f, contact.medium));
  const [flow, setFlow] = useState("");
  const [rows, setRows] = useState<[string, string][]>(Array.from({ length: ROWS }, () => ["", ""]));
  const set = (at: number, column: 0 | 1, value: string): void => setRows((before) => before.map((row, i) => {
    if (i !== at) return row;
    return column === 0 ? [value, row[1]] : [row[0], value];
  }));
  const give = async (name: string | null): Promise<void> => {
    const args: Vars = Object.fromEntries(rows.filter(([key]) => key.trim() !== "").map(([key, value]) => [key.trim(), value]));
    onDone();
    await desk.verb(contact.session, { type: "to_auto", flow: name, args });
  };
  const chosen = flow === "" ? (flows[0]?.name ?? "") : flow;
  return (
    <div className={s.choices}>
      {flows.length === 0 && <p className={s.none}>{t("auto.none")}</p>}
      <Choose label={t("auto.flow")} value={chosen} onChange={setFlow} options={flows.map((f) => ({ id: f.name, name: f.name }))} />
      <div className={s.args} role="group" aria-label={t("auto.args")}>
        {rows.flatMap(([key, value], i) => [
          <Field key={`k${i}`} label={t("auto.arg")} value={key} onChange={(v) => set(i, 0, v)} hideLabel={i > 0} />,
          <Field key={`v${i}`} label={t("auto.value")} value={value} onChange={(v) => set(i, 1, v)} hideLabel={i > 0} />,
        ])}
      </div>
      <div className={s.two}>
        <Button onPress={() => void give(null)}>{t("auto.resume")}</Button>
        <Button tone="accent" isDisabled={chosen === ""} onPress={() => void give(chosen)}>{t("auto.go")}</Button>
      </div>
    </div>
  );
}

/** Where the customer is in the flow, live. */
export function AutomationBanner({ contact }: { contact: Contact }) {
  const desk = useDesk();
  const { standing, session } = contact;
  if (standing.is !== "in_ivr") return null;
  const step = standing.step;
  return (
    <div className={s.banner} role="status">
      <Bot size={16} aria-hidden="true" />
      <b>{standing.flow}</b>
      <span>{step === null ? t("auto.starting") : t("auto.step", { node: step[0], verb: tWord("verb", step[1]) })}</span>
      <Toggle icon={Ear} isOn={standing.listen} onChange={(on) => void desk.verb(session, { type: "listen", on })}>
        {t("auto.listen")}
      </Toggle>
    </div>
  );
}
