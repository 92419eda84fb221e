// The sheet of shortcuts.
import { Fragment } from "react";
import { t, type Key } from "../i18n";
import { SHEET } from "../keys/shortcuts";
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
  return (
    <dl className={s.sheet}>
      {SHEET.map(({ keys, command }) => (
        <Fragment key={command}>
          <dt><kbd>{keys}</kbd></dt>
          <dd>{t(`key.${command}` as Key)}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
