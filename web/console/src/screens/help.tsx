// The sheet of shortcuts.
import { Fragment } from "react";
import { t, type Key } from "../i18n";
import { useBindings } from "../keys/bindings";
import { sheet } from "../keys/shortcuts";
import { Button, Dialog } from "../parts/controls";
import s from "./help.module.css";

export function HelpSheet({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title={t("help.title")} isOpen={isOpen} onClose={onClose} wide>
      <ShortcutList />
      <Button onPress={onClose}>{t("close")}</Button>
    </Dialog>
  );
}

export function ShortcutList() {
  const bindings = useBindings();
  return (
    <dl className={s.sheet}>
      {sheet(bindings).map(({ keys, command }) => (
        <Fragment key={command}>
          <dt><kbd>{keys}</kbd></dt>
          <dd>{t(`key.${command}` as Key)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
