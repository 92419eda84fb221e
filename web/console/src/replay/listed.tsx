// What lay in a tray or had been suggested at the time: names and addresses. The files themselves are not recorded.
import { sayer } from "@ngcc/share/put-words";
import type { End, FilesState, Link, LinksState, Ready, Told, TrayFile } from "@ngcc/share/wire";
import { useLang } from "../i18n";
import { base, type Entry, type Tape } from "./tape";
import s from "./replay.module.css";

type Row = { key: string; what: string; by: End; state: Link["state"] | null };

const ofFile = (file: TrayFile): Row => ({ key: file.file, what: file.name, by: file.by, state: null });
const ofLink = (link: Link): Row => ({ key: String(link.n), what: link.url, by: link.by, state: link.state });

function after(rows: Row[], { type, data }: Entry, isFiles: boolean): Row[] {
  switch (type) {
    case "ready": {
      const { state } = data as Ready;
      return isFiles ? (state as FilesState).files.map(ofFile) : (state as LinksState).links.map(ofLink);
    }
    case "file":
      return [...rows, ofFile(data as TrayFile)];
    case "removed":
      return rows.filter((row) => row.key !== (data as Told["removed"]).file);
    case "pushed":
      return [...rows, ofLink(data as Link)];
    case "answered": {
      const { n, taken } = data as { n: number; taken: boolean };
      return rows.map((row) => (row.key === String(n) ? { ...row, state: taken ? "opened" : "refused" } : row));
    }
    default:
      return rows;
  }
}

/** The rows after `count` entries. */
export function rowsOf(tape: Tape, count: number): Row[] {
  const isFiles = tape.kind === "file";
  return tape.entries.slice(base(tape, count), count).reduce((rows, entry) => after(rows, entry, isFiles), [] as Row[]);
}

export function Listed({ tape, count }: { tape: Tape; count: number }) {
  const say = sayer(useLang());
  const rows = rowsOf(tape, count);
  const none = say(tape.kind === "file" ? "files_none" : "links_none");
  return (
    <ul className={s.listed}>
      {rows.map(({ key, what, by, state }) => (
        <li key={key} data-by={by}><b>{what}</b>{state !== null && <small> {say(`links_${state}`)}</small>}</li>
      ))}
      {rows.length === 0 && <li>{none}</li>}
    </ul>
  );
}
