// Which of the pages is shown: none yet, sign-in, or the desk.
import { I18nProvider } from "react-aria-components";
import { useLang } from "./i18n";
import { useDeskState } from "./parts/desk";
import { Shell } from "./screens/shell";
import { SignIn } from "./screens/sign-in";

export function App() {
  const lang = useLang();
  const phase = useDeskState((state) => state.phase);
  return (
    <I18nProvider locale={lang}>
      {phase.is === "signed_out" && <SignIn notice={phase.notice} />}
      {phase.is === "signed_in" && <Shell />}
    </I18nProvider>
  );
}
