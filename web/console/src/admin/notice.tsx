// What stands beside a form that is not saved: why, and the question before it is left.
import { Button, Dialog } from "../parts/controls";
import type { useLeaving } from "../parts/leave";
import { Failed } from "./load";
import type { Saving } from "./saving";
import { a } from "./words";
import s from "./admin.module.css";

export function Notice({ saving }: { saving: Saving }) {
  const others = saving.failed?.errors.filter((error) => error.field === "") ?? [];
  return (
    <>
      <div role="alert">
        {saving.wrongs.length > 0 && <p className={s.wrong}>{a("wrong.some")}</p>}
        {others.map((error) => <p key={error.what} className={s.wrong}>{error.what}</p>)}
      </div>
      {saving.failed !== null && saving.failed.code !== "changed" && others.length === 0 && <Failed problem={saving.failed} />}
    </>
  );
}

export function LeaveDialog({ leaving }: { leaving: ReturnType<typeof useLeaving> }) {
  return (
    <Dialog title={a("leave.title")} isOpen={leaving.asked} onClose={leaving.stay} alert>
      <p>{a("leave.text")}</p>
      <div className={s.row}>
        <Button autoFocus onPress={leaving.stay}>{a("leave.stay")}</Button>
        <Button tone="danger" onPress={leaving.go}>{a("leave.go")}</Button>
      </div>
    </Dialog>
  );
}
