// What is to be given of a channel, as the centre says of its kind.
import { Button } from "../parts/controls";
import type { FieldSpec, KindSpec } from "../wire/channels";
import type { Wrong } from "../wire/rest";
import { Entry, Pick } from "./entry";
import { made, type Draft } from "./fields";
import { a, helpOf, labelOf, langOf, wrongOf } from "./words";
import s from "./admin.module.css";

type Props = {
  draft: Draft; spec: KindSpec; entries: string[];
  /** The secrets that are set; none of a channel that is new. */
  set: readonly string[];
  isNew: boolean;
  wrongs: readonly Wrong[];
  onChange: (draft: Draft) => void;
  /** Somebody has left a field. */
  onLeft: (field: string) => void;
};

export function ChannelFields(props: Props) {
  const { draft, spec, isNew, onChange, onLeft } = props;
  const told = (field: string, of?: FieldSpec): string | null => {
    const wrong = props.wrongs.find((one) => one.field === field);
    return wrong === undefined ? null : wrongOf(wrong, of);
  };
  // An entry that has ceased to be public is shown all the same.
  const entries = [...new Set(draft.entry === "" ? props.entries : [draft.entry, ...props.entries])].sort();
  return (
    <>
      {isNew && (
        <Entry field="name" label={a("field.name")} help={a("help.name")} value={draft.name} error={told("name")}
          onChange={(name) => onChange({ ...draft, name })} onBlur={() => onLeft("name")} />
      )}
      <Pick field="entry" label={a("field.entry")} help={entries.length === 0 ? a("entry.none") : a("help.entry")} value={draft.entry}
        error={told("entry")} options={entries.map((id) => ({ id, name: id }))} onChange={(entry) => onChange({ ...draft, entry })} />
      <Pick field="lang" label={a("field.lang")} help={a("help.lang")} value={draft.lang} error={told("lang")}
        options={["zh", "en"].map((id) => ({ id, name: langOf(id) }))} onChange={(lang) => onChange({ ...draft, lang })} />
      {spec.fields.map((field) => field.secret
        ? <SecretEntry key={field.key} {...props} field={field} error={told(field.key, field)} />
        : (
          <Entry key={field.key} field={field.key} label={labelOf(spec.kind, field.key)} help={helpOf(spec.kind, field.key)}
            optional={!field.required} value={draft.settings[field.key] ?? ""} error={told(field.key, field)}
            onChange={(text) => onChange({ ...draft, settings: { ...draft.settings, [field.key]: text } })}
            onBlur={() => onLeft(field.key)} />
        ))}
    </>
  );
}

/** A secret: entered and never shown again; what is set is replaced or, where it may be missing, removed. */
function SecretEntry(props: Props & { field: FieldSpec; error: string | null }) {
  const { draft, spec, field, error } = props;
  const label = labelOf(spec.kind, field.key);
  const given = draft.secrets[field.key];
  const isSet = props.set.includes(field.key);
  const give = (text: string | null | undefined): void =>
    props.onChange({ ...draft, secrets: { ...draft.secrets, [field.key]: text } });
  if (given === null || (isSet && given === undefined)) {
    return (
      <div className={s.entry} role="group" aria-label={label}>
        <span className={s.label}>{label}</span>
        <div className={s.with}>
          <span className={s.set}>{given === null ? a("secret.drops") : a("secret.set")}</span>
          {given === null
            ? <Button label={a("secret.keep_of", { field: label })} onPress={() => give(undefined)}>{a("secret.keep")}</Button>
            : <Button label={a("secret.replace_of", { field: label })} onPress={() => give("")}>{a("secret.replace")}</Button>}
          {given === undefined && !field.required && (
            <Button label={a("secret.drop_of", { field: label })} onPress={() => give(null)}>{a("secret.drop")}</Button>
          )}
        </div>
        {error !== null && <p className={s.wrong}>{error}</p>}
      </div>
    );
  }
  // What one chooses oneself is entered at the provider as well: it is seen until it is saved.
  const kind = field.form === "pem" ? "lines" : field.own ? "line" : "secret";
  return (
    <Entry field={field.key} label={label} help={helpOf(spec.kind, field.key)} optional={!field.required} value={given ?? ""}
      error={error} kind={kind} autoFocus={isSet} onChange={give} onBlur={() => props.onLeft(field.key)}>
      {field.own && (
        <Button label={a("secret.make_of", { field: label })} onPress={() => give(made(field.form))}>{a("secret.make")}</Button>
      )}
      {isSet && <Button label={a("secret.keep_of", { field: label })} onPress={() => give(undefined)}>{a("secret.keep")}</Button>}
    </Entry>
  );
}
