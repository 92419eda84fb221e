import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { setLang } from "../i18n";
import { DeskProvider } from "../parts/desk";
import { Desk } from "../store/desk";
import type { ClosedSession } from "../wire/protocol";
import { type Customer as Who, Problem } from "../wire/rest";
import Customer from "./customer";

let root: Root;
let host: HTMLElement;
let desk: Desk;

const ann: Who = {
  id: "con_1", version: 3, name: "Ann Li", name_by: { is: "proved" },
  identities: [
    { user: "customer:4711", since: 0, proved: true }, { user: "channel:app/u1", since: 0, proved: true },
    { user: "web:v1", since: 0, proved: false, shared: true },
  ],
  attributes: [
    { key: "tier", value: "gold", by: { is: "proved" }, at: 0 }, { key: "cart", value: "3 items", by: { is: "claimed" }, at: 0 },
    { key: "mood", value: "calm", by: { is: "agent", agent: "agent:bob" }, at: 0 },
  ],
  labels: ["late"], notes: [{ text: "asked twice", by: "agent:bob", at: 0, own: true }],
};
const row = (id: string, readable: boolean) => ({ session: { id, user: "web:v1", opened: 0, queue: "sales", agent: "bob" } as ClosedSession, readable });

beforeAll(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  setLang("en");
});
beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
  desk = new Desk();
  vi.spyOn(desk.rest, "customerOf").mockResolvedValue(ann);
  vi.spyOn(desk.rest, "customerSessions").mockResolvedValue({ data: [row("s0", true), row("s1", false), row("now", true)], next_cursor: null });
  vi.spyOn(desk.rest, "labels").mockResolvedValue([]);
});
afterEach(() => {
  act(() => root.unmount());
  document.body.replaceChildren();
});

async function show(): Promise<void> {
  await act(async () => {
    root = createRoot(host);
    root.render(<DeskProvider value={desk}><Customer session="now" /></DeskProvider>);
  });
}

const item = (text: string): HTMLElement => {
  const found = [...document.querySelectorAll("li")].find((li) => li.textContent?.includes(text) === true);
  if (found === undefined) throw new Error(`no line ${text}`);
  return found;
};

test("what is proven is told from what is not, and only the company's own system changes it", async () => {
  await show();
  expect(item("app/u1").textContent).toContain("proven");
  expect(item("v1").textContent).toContain("used by several customers");
  expect(item("tier").textContent).toContain("proven");
  expect(item("tier").querySelector("button")).toBeNull();
  expect(item("cart").textContent).toContain("unproven");
  expect(item("mood").textContent).toContain("bob");
  expect(item("cart").querySelector("button")?.getAttribute("aria-label")).toBe("Remove cart");
});

test("sessions that may be read are opened, others are only listed, and the present one is not among them", async () => {
  await show();
  const before = [...document.querySelectorAll("section")].at(-1);
  expect(before?.querySelectorAll("li").length).toBe(2);
  expect(before?.querySelectorAll("button").length).toBe(1);
});

test("where a colleague was faster nothing is changed, it is said, and what they have written is shown", async () => {
  await show();
  const change = vi.spyOn(desk.rest, "changeCustomer").mockRejectedValue(new Problem(409, "changed", "", null, null));
  vi.spyOn(desk.rest, "customerOf").mockResolvedValue({ ...ann, version: 4, labels: ["late", "vip"] });
  await act(async () => document.querySelector<HTMLElement>("[aria-label='Take off late']")?.click());
  expect(change).toHaveBeenCalledWith("con_1", 3, { remove_labels: ["late"] });
  expect(document.querySelector("[role=alert]")?.textContent).toContain("Somebody has changed this meanwhile");
  expect(item("vip")).toBeTruthy();
});

test("of a customer who is none of one's own nothing is shown", async () => {
  vi.spyOn(desk.rest, "customerOf").mockRejectedValue(new Problem(404, "not_found", "", null, null));
  await show();
  expect(host.textContent).toBe("");
});
