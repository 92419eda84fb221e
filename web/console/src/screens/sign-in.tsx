// A1: sign-in. Wrong name and wrong password are told alike; a lock-out says until when.
import { Headset } from "lucide-react";
import { useState, type FormEvent } from "react";
import { setLang, t, timeOfDay, tWord, useLang } from "../i18n";
import { Button, Field } from "../parts/controls";
import { useDesk } from "../parts/desk";
import { Problem } from "../wire/rest";
import s from "./sign-in.module.css";

function wording(error: unknown): string {
  if (!(error instanceof Problem)) return t("problem.unknown");
  if (error.until !== null && (error.code === "locked" || error.status === 429)) return t("sign_in.locked", { until: timeOfDay(error.until) });
  if (error.status === 401) return t("sign_in.wrong");
  return tWord("problem", error.status === 0 ? "offline" : error.code);
}

export function SignIn({ notice }: { notice: "ended" | "left" | null }) {
  const desk = useDesk();
  const lang = useLang();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await desk.signIn(user.trim(), password);
    } catch (problem) {
      setError(wording(problem));
      setPassword("");
      setBusy(false);
    }
  };

  return (
    <main className={s.page}>
      <form className={s.card} onSubmit={(event) => void submit(event)} aria-labelledby="sign-in-title">
        <div className={s.brand} aria-hidden="true"><Headset size={28} /></div>
        <h1 id="sign-in-title">{t("sign_in.title")}</h1>
        {notice === "ended" && <p className={s.notice} role="status">{t("sign_in.ended")}</p>}
        {!window.isSecureContext && <InsecureHelp />}
        <Field label={t("sign_in.user")} value={user} onChange={setUser} autoComplete="username" autoFocus />
        <Field label={t("sign_in.password")} value={password} onChange={setPassword} type="password"
          autoComplete="current-password" />
        <div role="alert" className={s.error}>{error}</div>
        <Button tone="accent" type="submit" big isDisabled={busy || user.trim() === "" || password === ""}>
          {busy ? t("sign_in.busy") : t("sign_in.go")}
        </Button>
        <Button tone="quiet" onPress={() => setLang(lang === "en" ? "zh-CN" : "en")}>{t("lang.other")}</Button>
      </form>
    </main>
  );
}

/** Browsers give a microphone to secure pages only; the fix is the other address. */
export function InsecureHelp() {
  const address = `https://${location.hostname}:8443/console/`;
  return (
    <p className={s.notice} role="note">
      {t("insecure.text")} <a href={address}>{address}</a>
    </p>
  );
}
