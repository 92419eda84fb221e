import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import { leave, useLeaving } from "./leave";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

function Page({ dirty }: { dirty: boolean }) {
  const leaving = useLeaving(dirty);
  return leaving.asked ? <><button type="button" id="go" onClick={leaving.go} /><button type="button" id="stay" onClick={leaving.stay} /></> : null;
}

test("nobody leaves what was entered unasked, and whoever has saved is not asked", () => {
  const host = document.body.appendChild(document.createElement("div"));
  const root = createRoot(host);
  const press = (id: string): void => act(() => host.querySelector<HTMLElement>(`#${id}`)?.click());
  const gone = vi.fn();
  act(() => root.render(<Page dirty />));
  act(() => leave(gone));
  press("stay");
  expect([gone.mock.calls.length, host.querySelector("#go")]).toEqual([0, null]);
  const unload = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(unload);
  expect(unload.defaultPrevented).toBe(true);
  act(() => leave(gone));
  press("go");
  expect(gone).toHaveBeenCalledTimes(1);
  act(() => root.render(<Page dirty={false} />));
  act(() => leave(gone));
  expect(gone).toHaveBeenCalledTimes(2);
  act(() => root.unmount());
});
