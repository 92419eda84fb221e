// One thing that is entered: its label, what it is, and what is wrong with it.
import { useId, type ReactNode } from "react";
import { a } from "./words";
import s from "./admin.module.css";

type Props = {
  /** By which it is found when it is wrong. */
  field: string;
  label: string; value: string; onChange: (value: string) => void; onBlur?: () => void;
  help?: string | null; error?: string | null; optional?: boolean; autoFocus?: boolean;
  kind?: "line" | "secret" | "lines"; isDisabled?: boolean;
  /** Buttons beside it. */
  children?: ReactNode;
};

export function Entry(props: Props) {
  const id = useId();
  const { error = null, help = null, kind = "line" } = props;
  const described = [help === null ? "" : `${id}-help`, error === null ? "" : `${id}-error`].filter((part) => part !== "").join(" ");
  const common = {
    id, value: props.value, autoComplete: kind === "secret" ? "new-password" : "off", spellCheck: false,
    autoFocus: props.autoFocus ?? false, disabled: props.isDisabled ?? false, "data-field": props.field,
    "aria-invalid": error !== null, "aria-describedby": described === "" ? undefined : described,
    onBlur: () => props.onBlur?.(),
  };
  return (
    <div className={s.entry}>
      <label htmlFor={id}>{props.label}{props.optional === true && <small> ({a("optional")})</small>}</label>
      <div className={s.with}>
        {kind === "lines"
          ? <textarea {...common} rows={4} onChange={(event) => props.onChange(event.target.value)} />
          : <input {...common} type={kind === "secret" ? "password" : "text"} onChange={(event) => props.onChange(event.target.value)} />}
        {props.children}
      </div>
      {help !== null && <p id={`${id}-help`} className={s.help}>{help}</p>}
      {error !== null && <p id={`${id}-error`} className={s.wrong}>{error}</p>}
    </div>
  );
}

/** The same for one of several: a native select. */
export function Pick(props: {
  field: string; label: string; value: string; onChange: (value: string) => void; options: { id: string; name: string }[];
  help: string; error?: string | null;
}) {
  const id = useId();
  const { error = null } = props;
  return (
    <div className={s.entry}>
      <label htmlFor={id}>{props.label}</label>
      <select id={id} value={props.value} data-field={props.field} aria-invalid={error !== null}
        aria-describedby={error === null ? `${id}-help` : `${id}-help ${id}-error`}
        onChange={(event) => props.onChange(event.target.value)}>
        {props.options.map((option) => <option key={option.id} value={option.id}>{option.name}</option>)}
      </select>
      <p id={`${id}-help`} className={s.help}>{props.help}</p>
      {error !== null && <p id={`${id}-error`} className={s.wrong}>{error}</p>}
    </div>
  );
}

/** Leads to the first field that is wrong. */
export function toField(within: HTMLElement | null, field: string): void {
  within?.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`)?.focus();
}
