import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { setLang } from "../i18n";
import { DeskProvider } from "../parts/desk";
import { Desk } from "../store/desk";
import type { ImConversation, ImEvent, ImMessage } from "../wire/protocol";
import Team from "./team";

let root: Root | null = null;
let host: HTMLElement;

beforeAll(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  vi.stubGlobal("ResizeObserver", class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  });
  // jsdom lays nothing out.
  Element.prototype.scrollIntoView = () => undefined;
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  setLang("en");
});
beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
});
afterEach(() => {
  act(() => root?.unmount());
  document.body.replaceChildren();
});

const GROUP = "grp_1";
const people = ["Alice", "Bob", "Carol"].map((display) => ({ agent: `agent:${display.toLowerCase()}`, display, device: "browser" as const }));
const said = (n: number, from: string, to: string, text: string): ImMessage =>
  ({ id: `${to}-${n}`, n, from: `agent:${from}`, to, at: n, is: "said", text, names: [] });

function show(): { desk: Desk; sent: { type?: string }[] } {
  const desk = new Desk();
  const sent: { type?: string }[] = [];
  vi.spyOn(desk.link, "tell").mockImplementation((_, data) => sent.push(data as { type?: string }) > 0);
  desk.store.dispatch({ type: "signed_in", me: { user: "alice", display: "Alice", roles: [], permissions: ["message"] } });
  desk.store.dispatch({ type: "view", view: "team" });
  desk.store.dispatch({ type: "config", config: { people } });
  act(() => {
    root = createRoot(host);
    root.render(<DeskProvider value={desk}><Team /></DeskProvider>);
  });
  return { desk, sent };
}

const hear = (desk: Desk, event: ImEvent): void => act(() => desk.colleagues.received(event));
const came = (desk: Desk, seq: number, message: ImMessage): void => hear(desk, { type: "message", agent: "agent:alice", seq, message });
const row = (name: string): HTMLElement => {
  const found = [...document.querySelectorAll<HTMLElement>("nav li > button")].find((b) => b.textContent?.includes(name) === true);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

/** Answers every `look` with this part. */
function answer(desk: Desk, part: Partial<ImConversation>): void {
  vi.spyOn(desk.link, "ask").mockImplementation((_, data) => {
    const { with: who } = data as { with: string };
    const whole = { type: "conversation", agent: "", with: who, name: null, members: [], messages: [], older: false, newer: false, ...part };
    return Promise.resolve({ ok: true, frame: { type: "im", data: whole } });
  });
}

test("what comes is unread until it is shown and looked at, and then its writer is told", async () => {
  const { desk, sent } = show();
  came(desk, 1, said(1, "bob", "agent:alice", "hello"));
  expect(row("Bob").textContent).toContain("hello");
  expect(row("Bob").querySelector("b")?.getAttribute("aria-label")).toBe("1 unread");
  await act(() => vi.waitFor(() => expect(sent).toEqual([{ type: "got", seq: 1 }])));
  answer(desk, { messages: [said(1, "bob", "agent:alice", "hello")] });
  await act(async () => row("Bob").click());
  expect(sent.at(-1)).toEqual({ type: "read", with: "agent:bob", n: 1 });
  expect(row("Bob").querySelector("b")).toBeNull();
  vi.mocked(document.hasFocus).mockReturnValue(false);
  came(desk, 2, said(2, "bob", "agent:alice", "still there?"));
  expect(row("Bob").querySelector("b")?.textContent).toBe("1");
  vi.mocked(document.hasFocus).mockReturnValue(true);
  act(() => void window.dispatchEvent(new Event("focus")));
  expect(sent.at(-1)).toEqual({ type: "read", with: "agent:bob", n: 2 });
});

test("a group says who wrote, what changed in it and how many have read what I wrote, and only its members are named", async () => {
  const { desk } = show();
  const made: ImMessage = { id: "g1", n: 1, from: "agent:bob", to: GROUP, at: 1, is: "changed", change: { to: "made", name: "Night", members: ["agent:alice", "agent:bob"] } };
  came(desk, 1, made);
  answer(desk, {
    name: "Night", members: [{ agent: "agent:alice", read: 0 }, { agent: "agent:bob", read: 3 }],
    messages: [said(3, "alice", GROUP, "mine"), said(2, "bob", GROUP, "<img src=x>"), made],
  });
  await act(async () => row("Night").click());
  const log = document.querySelector("[role=log]");
  expect(log?.textContent).toMatch(/Bob made the group “Night”.*Bob.*<img src=x>.*mine.*Read by 1/);
  expect(log?.querySelector("img")).toBeNull();
  const area = host.querySelector("textarea");
  if (area === null) throw new Error("no composer");
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(area, "@");
    area.setSelectionRange(1, 1);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  expect([...host.querySelectorAll("[role=option]")].map((o) => o.textContent)).toEqual(["Bob"]);
});

test("the composer sends once, and nothing while an input method composes, and keeps what is not sent", async () => {
  const { desk } = show();
  answer(desk, {});
  const wrote = vi.spyOn(desk.colleagues, "write").mockReturnValue(undefined);
  await act(async () => row("Bob").click());
  const type = (text: string): void => act(() => {
    const area = host.querySelector("textarea");
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(area, text);
    area?.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const press = (init: KeyboardEventInit): void => act(() => {
    host.querySelector("textarea")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, ...init }));
  });
  type("你好");
  press({ isComposing: true });
  press({ keyCode: 229 });
  expect(wrote).not.toHaveBeenCalled();
  await act(async () => row("Carol").click());
  expect(host.querySelector("textarea")?.value).toBe("");
  await act(async () => row("Bob").click());
  expect(host.querySelector("textarea")?.value).toBe("你好");
  press({ keyCode: 13 });
  press({ keyCode: 13 });
  expect(wrote.mock.calls).toEqual([["agent:bob", "你好", null]]);
});

test("whoever is in a group no longer reads and does not write", async () => {
  const { desk } = show();
  came(desk, 1, { id: "g1", n: 5, from: "agent:bob", to: GROUP, at: 1, is: "changed", change: { to: "removed", who: ["agent:alice"] } });
  answer(desk, { name: "Night", messages: [said(4, "bob", GROUP, "before")] });
  await act(async () => row("Bob removed Alice").click());
  expect(host.querySelector("[role=log]")?.textContent).toContain("before");
  expect(host.querySelector("textarea")).toBeNull();
  expect(host.textContent).toContain("You are not in this group any longer.");
});
