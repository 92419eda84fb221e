// Who the customer is: how they come and what proves it, what is known of them, and what was said before, on every channel.
import { BadgeCheck, Unlink, UsersRound, X } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useId, useState } from "react";
import { dateTime, t, tWord } from "../i18n";
import { Button, Dialog, Field } from "../parts/controls";
import { useDesk, useDeskState } from "../parts/desk";
import { displayOf } from "../parts/names";
import { Way } from "../parts/way";
import { type Change, type Customer as Who, type CustomerSession, type Identity, Problem, type Source } from "../wire/rest";
import { MergeWith } from "./customer-merge";
import s from "./customer.module.css";

const Detail = lazy(() => import("./history").then((history) => ({ default: history.Detail })));

type Save = (change: Change, version?: number) => Promise<boolean>;

/** `stirred` changes whenever more may be known of them. */
export default function Customer({ session, stirred = "" }: { session: string; stirred?: string }) {
  const desk = useDesk();
  const [who, setWho] = useState<Who | null>(null);
  const [why, setWhy] = useState("");
  const [merged, setMerged] = useState<string | null>(null);
  const [merging, setMerging] = useState(false);
  const load = useCallback(async (): Promise<void> => {
    try {
      setWho(await desk.rest.customerOf(session));
      setWhy("");
    } catch (error) {
      // Of a colleague's call, or of somebody else's customer, there is nothing to show.
      if (!(error instanceof Problem && error.status === 404)) setWhy(wordOf(error));
    }
  }, [desk, session]);
  useEffect(() => void load(), [load, stirred]);
  const take = async (asked: Promise<Who>): Promise<boolean> => {
    try {
      setWho(await asked);
      setWhy("");
      return true;
    } catch (error) {
      setWhy(wordOf(error));
      if (error instanceof Problem && error.code === "changed") setWho(await desk.rest.customerOf(session).catch(() => who));
      return false;
    }
  };
  if (who === null) return why === "" ? null : <p role="alert" className={s.why}>{why}</p>;
  const save: Save = (change, version = who.version) => take(desk.rest.changeCustomer(who.id, version, change));
  const undo = async (other: string): Promise<void> => {
    if (await take(desk.rest.splitCustomer(who.id, who.version, { contact: other }))) setMerged(null);
  };
  return (
    <div className={s.customer}>
      <Name who={who} save={save} />
      <Identities who={who} split={(identity) => void take(desk.rest.splitCustomer(who.id, who.version, { identity }))} />
      <Labels who={who} save={save} />
      <Attributes who={who} save={save} />
      <Notes key={who.id} who={who} save={save} />
      <div className={s.row}>
        <Button icon={UsersRound} onPress={() => setMerging(true)}>{t("customer.merge")}</Button>
        {merged !== null && <Button onPress={() => void undo(merged)}>{t("customer.undo")}</Button>}
      </div>
      <MergeWith who={who} isOpen={merging} onClose={() => setMerging(false)} onChoose={(other) => {
        setMerging(false);
        void take(desk.rest.mergeCustomers(who.id, who.version, other)).then((done) => done && setMerged(other));
      }} />
      <p role="alert" className={s.why}>{why}</p>
      <Before key={`${who.id} ${who.version}`} who={who} session={session} />
    </div>
  );
}

function wordOf(error: unknown): string {
  if (!(error instanceof Problem)) return t("problem.unknown");
  return error.code === "refused" ? tWord("why", error.detail) : tWord("problem", error.status === 0 ? "offline" : error.code);
}

function Name({ who, save }: { who: Who; save: Save }) {
  const [draft, setDraft] = useState<{ text: string; version: number } | null>(null);
  if (draft === null) {
    return (
      <div className={s.row}>
        <b className={s.name}>{who.name ?? t("customer.unnamed")}</b>
        {who.name_by !== null && <Said by={who.name_by} />}
        <Button onPress={() => setDraft({ text: who.name ?? "", version: who.version })}>{t("customer.rename")}</Button>
      </div>
    );
  }
  return (
    <form className={s.row} onSubmit={(event) => {
      event.preventDefault();
      void save({ name: draft.text }, draft.version).then(() => setDraft(null));
    }}>
      <Field label={t("customer.name")} value={draft.text} onChange={(text) => setDraft({ ...draft, text })} autoFocus />
      <Button type="submit">{t("customer.save")}</Button>
      <Button onPress={() => setDraft(null)}>{t("cancel")}</Button>
    </form>
  );
}

/** Who says so: the company's own system, the customer's page, or a colleague. */
function Said({ by }: { by: Source }) {
  const people = useDeskState((state) => state.config.people);
  switch (by.is) {
    case "proved": return <span className={s.proved}><BadgeCheck size={14} aria-hidden="true" /> {t("customer.proved")}</span>;
    case "claimed": return <span className={s.claimed}>{t("customer.claimed")}</span>;
    case "agent": return <span className={s.claimed}>{displayOf(people, by.agent)}</span>;
  }
}

function Identities({ who, split }: { who: Who; split: (identity: string) => void }) {
  const mark = ({ proved, shared }: Identity) => (shared === true
    ? <span className={s.claimed}>{t("customer.shared")}</span>
    : proved && <Said by={{ is: "proved" }} />);
  return (
    <section>
      <h3>{t("customer.identities")}</h3>
      <ul className={s.list}>
        {who.identities.map((one) => (
          <li key={one.user}>
            <span className={s.value}><Way user={one.user} /></span>
            {mark(one)}
            {who.identities.length > 1
              && <Button icon={Unlink} label={t("customer.split", { what: one.user })} onPress={() => split(one.user)} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Labels({ who, save }: { who: Who; save: Save }) {
  const desk = useDesk();
  const [text, setText] = useState("");
  const [known, setKnown] = useState<string[]>([]);
  const list = useId();
  const look = (next: string): void => {
    setText(next);
    void desk.rest.labels(next).then(setKnown, () => setKnown([]));
  };
  return (
    <section>
      <h3>{t("customer.labels")}</h3>
      {who.labels.length > 0 && (
        <ul className={s.labels}>
          {who.labels.map((label) => (
            <li key={label}>
              #{label}
              <button type="button" aria-label={t("customer.take_off", { label })} onClick={() => void save({ remove_labels: [label] })}>
                <X size={12} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <form className={s.row} onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") void save({ add_labels: [text] }).then((done) => done && setText(""));
      }}>
        <input aria-label={t("customer.new_label")} list={list} value={text} maxLength={64} autoComplete="off"
          placeholder="#" onChange={(event) => look(event.target.value)} />
        <datalist id={list}>{known.map((label) => <option key={label} value={label} />)}</datalist>
        <Button type="submit" isDisabled={text.trim() === ""}>{t("customer.add_label")}</Button>
      </form>
    </section>
  );
}

function Attributes({ who, save }: { who: Who; save: Save }) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const fits = /^[A-Za-z0-9._-]{1,64}$/.test(key.trim()) && value.trim() !== "";
  return (
    <section>
      <h3>{t("customer.attributes")}</h3>
      {who.attributes.length > 0 && (
        <ul className={s.list}>
          {who.attributes.map((one) => (
            <li key={one.key}>
              <span className={s.value}><span className={s.key}>{one.key}</span> {one.value}</span>
              <Said by={one.by} />
              {one.by.is !== "proved" && <Button icon={X} label={t("customer.remove", { what: one.key })}
                onPress={() => void save({ attributes: { [one.key]: null } })} />}
            </li>
          ))}
        </ul>
      )}
      <form className={s.row} onSubmit={(event) => {
        event.preventDefault();
        if (!fits) return;
        void save({ attributes: { [key.trim()]: value.trim() } }).then((done) => {
          if (!done) return;
          setKey("");
          setValue("");
        });
      }}>
        <input aria-label={t("customer.key")} placeholder={t("customer.key")} value={key} maxLength={64} autoComplete="off"
          onChange={(event) => setKey(event.target.value)} />
        <input aria-label={t("customer.value")} placeholder={t("customer.value")} value={value} maxLength={1024} autoComplete="off"
          onChange={(event) => setValue(event.target.value)} />
        <Button type="submit" isDisabled={!fits}>{t("customer.set")}</Button>
      </form>
    </section>
  );
}

function Notes({ who, save }: { who: Who; save: Save }) {
  const people = useDeskState((state) => state.config.people);
  const own = who.notes.find((note) => note.own);
  const [draft, setDraft] = useState<{ text: string; version: number } | null>(null);
  return (
    <section>
      <h3 id={`note-${who.id}`}>{t("customer.note")}</h3>
      <textarea rows={3} maxLength={8000} aria-labelledby={`note-${who.id}`} value={draft?.text ?? own?.text ?? ""}
        onChange={(event) => setDraft({ text: event.target.value, version: draft?.version ?? who.version })} />
      {draft !== null && (
        <div className={s.row}>
          <Button onPress={() => void save({ note: draft.text }, draft.version).then((done) => done && setDraft(null))}>{t("customer.save")}</Button>
          <Button onPress={() => setDraft(null)}>{t("cancel")}</Button>
        </div>
      )}
      {own !== undefined && own.by !== null && <p className={s.by}>{displayOf(people, own.by)} · {dateTime(own.at)}</p>}
      {who.notes.filter((note) => !note.own).map((note) => (
        <blockquote key={note.at} className={s.other}>
          {note.text}
          <footer className={s.by}>{note.by !== null && `${displayOf(people, note.by)} · `}{dateTime(note.at)}</footer>
        </blockquote>
      ))}
    </section>
  );
}

/** The sessions before this one, by whatever way they came. */
function Before({ who, session }: { who: Who; session: string }) {
  const desk = useDesk();
  const [rows, setRows] = useState<CustomerSession[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [why, setWhy] = useState("");
  const [shown, setShown] = useState<string | null>(null);
  const fetchPage = useCallback(async (cursor: string | null): Promise<void> => {
    try {
      const page = await desk.rest.customerSessions(who.id, cursor);
      setRows((before) => (cursor === null ? page.data : [...before, ...page.data]));
      setNext(page.next_cursor);
      setWhy("");
    } catch (error) {
      setWhy(wordOf(error));
    }
  }, [desk, who.id]);
  useEffect(() => void fetchPage(null), [fetchPage]);
  const others = rows.filter((row) => row.session.id !== session);
  return (
    <section>
      <h3>{t("customer.before")}</h3>
      {others.length === 0 && why === "" && <p className={s.by}>{t("customer.first")}</p>}
      <ul className={s.before}>
        {others.map(({ session: row, readable }) => (
          <li key={row.id}>
            {readable
              ? <button type="button" onClick={() => setShown(row.id)}>{dateTime(row.opened)}</button>
              : dateTime(row.opened)}
            <span className={s.value}><Way user={row.user} /></span>
            <span className={s.by}>{[row.queue, row.agent, row.disposition].filter((part) => part != null).join(" · ")}</span>
          </li>
        ))}
      </ul>
      {next !== null && <Button onPress={() => void fetchPage(next)}>{t("history.more")}</Button>}
      <p role="alert" className={s.why}>{why}</p>
      <Dialog title={t("customer.earlier")} isOpen={shown !== null} onClose={() => setShown(null)} wide>
        {shown !== null && <Suspense fallback={null}><Detail id={shown} within /></Suspense>}
        <Button onPress={() => setShown(null)}>{t("close")}</Button>
      </Dialog>
    </section>
  );
}
