import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { setLang } from "../i18n";
import { DeskProvider } from "../parts/desk";
import { Desk } from "../store/desk";
import type { Contact, Content, Permission } from "../wire/protocol";
import { Chat } from "./chat";
import { Shortcuts } from "./shortcuts";
import { SignIn } from "./sign-in";
import { StartDialog } from "./start";
import { Offers } from "./offers";

let root: Root | null = null;
let host: HTMLElement;

beforeAll(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  // jsdom has none, and lays nothing out.
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  vi.stubGlobal("ResizeObserver", class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  });
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

function show(desk: Desk, part: ReactNode): void {
  act(() => {
    root = createRoot(host);
    root.render(<DeskProvider value={desk}>{part}</DeskProvider>);
  });
}

function deskOf(permissions: Permission[]): Desk {
  const desk = new Desk();
  desk.store.dispatch({ type: "signed_in", me: { user: "alice", display: "Alice", roles: [], permissions } });
  desk.store.dispatch({ type: "link", state: "up" });
  desk.store.dispatch({
    type: "told", now: 0,
    told: { type: "state", availability: { is: "logged_out" }, device: "browser", voice: { is: "free" }, chats: [], chat_capacity: 4 },
  });
  return desk;
}

const contact: Contact = {
  session: "s1", medium: "chat", user: "web:v1", display: "<img src=x onerror=alert(1)>", dialled: "shop", queue: "sales",
  since: 0, joined: 1, standing: { is: "talk" }, customer: { is: "here" }, path: [], vars: {}, parties: [], leg: null,
  last_seq: 0, disposition: null,
};

function hear(desk: Desk, seq: number, content: Content): void {
  act(() => desk.store.dispatch({
    type: "told", now: 0,
    told: { type: "message", session: "s1", message: { seq, id: `m${seq}`, at: 0, by: { is: "customer" }, content } },
  }));
}

const button = (name: RegExp): HTMLElement => {
  const found = [...document.querySelectorAll("button")].find((b) => name.test(b.textContent ?? ""));
  if (found === undefined) throw new Error(`no button ${name.source}`);
  return found;
};

test("s1_03 whoever may serve customers is asked whether to start now", () => {
  const desk = deskOf(["serve", "message"]);
  const asked = vi.spyOn(desk.link, "ask");
  show(desk, <StartDialog />);
  expect(document.querySelector("[role=dialog]")?.textContent).toContain("Start customer service now?");
  act(() => button(/Just internal messages/).click());
  expect(document.querySelector("[role=dialog]")).toBeNull();
  expect(asked).not.toHaveBeenCalled();
});

test("s1_03 whoever may not serve customers is not asked", () => {
  show(deskOf(["message", "see_board"]), <StartDialog />);
  expect(document.querySelector("[role=dialog]")).toBeNull();
});

test("s1_03 starting takes the seat in this browser and makes it ready as soon as it can ring", async () => {
  const desk = deskOf(["serve"]);
  const asked = vi.spyOn(desk.link, "ask").mockResolvedValue({ ok: true, frame: { type: "ok" } });
  // A microphone nobody has allowed yet: the seat does not wait for it.
  vi.spyOn(desk.phone, "prepare").mockReturnValue(new Promise(() => undefined));
  let connect = (): void => undefined;
  vi.spyOn(desk.phone, "connected").mockReturnValue(new Promise((done) => (connect = done)));
  show(desk, <StartDialog />);
  await act(async () => button(/Start – go Ready/).click());
  expect(asked.mock.calls.map(([, data]) => data)).toEqual([{ what: { type: "sign_in", device: "browser" } }]);
  await act(async () => connect());
  expect(asked.mock.calls.map(([, data]) => data)).toEqual([
    { what: { type: "sign_in", device: "browser" } }, { what: { type: "ready" } },
  ]);
});

test("script in a name, a message and a file's name is text and nothing else", () => {
  const desk = deskOf(["serve"]);
  show(desk, <Chat contact={contact} />);
  const evil = "<script>alert(1)</script><img src=x onerror=alert(1)>";
  hear(desk, 1, { kind: "text", text: evil, choices: [{ value: "1", label: evil }] });
  hear(desk, 2, { kind: "file", file: "file_1", name: evil, mime: "text/html", size: 10 });
  expect(host.querySelector("script, img, iframe")).toBeNull();
  expect(host.textContent).toContain(evil);
});

test("Enter sends once, and nothing while an input method composes", () => {
  const desk = deskOf(["serve"]);
  const said = vi.spyOn(desk, "say");
  show(desk, <Chat contact={contact} />);
  const area = host.querySelector("textarea");
  if (area === null) throw new Error("no composer");
  const type = (text: string): void => act(() => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(area, text);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const press = (init: KeyboardEventInit): void => act(() => {
    area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, ...init }));
  });
  type("你好");
  press({ isComposing: true });
  press({ keyCode: 229 });
  press({ shiftKey: true });
  expect(said).not.toHaveBeenCalled();
  press({ keyCode: 13 });
  expect(said.mock.calls).toEqual([["s1", { kind: "text", text: "你好" }, false]]);
  press({ keyCode: 13 });
  expect(said).toHaveBeenCalledTimes(1);
});

test("s1_10 the customer's going is shown in the conversation", () => {
  const desk = deskOf(["serve"]);
  show(desk, <Chat contact={contact} />);
  hear(desk, 1, { kind: "notice", word: "customer_gone" });
  expect(host.textContent).toContain("The customer's page is gone");
});

test("an offer's card says who, whence and how long, and accepting names the reservation", async () => {
  const desk = deskOf(["serve"]);
  const asked = vi.spyOn(desk.link, "ask").mockResolvedValue({ ok: true, frame: { type: "ok" } });
  show(desk, <Offers />);
  act(() => desk.store.dispatch({
    type: "told", now: 0,
    told: {
      type: "offered", reservation: "res_1", session: "s1", medium: "chat", user: "web:v1", display: "Wang", queue: "sales",
      waited_ms: 65_000, path: ["Menu", "1"], at: Date.now(), until: Date.now() + 20_000,
    },
  }));
  expect(host.textContent).toMatch(/Chat.*Wang.*sales.*1:05.*Menu › 1/);
  await act(async () => button(/Accept/).click());
  expect(asked).toHaveBeenCalledWith("seat", { what: { type: "accept", reservation: "res_1" } });
});

test("an offer is declined with a reason or without, and says who declined it before", async () => {
  const desk = deskOf(["serve"]);
  const asked = vi.spyOn(desk.link, "ask").mockResolvedValue({ ok: true, frame: { type: "ok" } });
  desk.store.dispatch({ type: "config", config: { people: [{ agent: "agent:bob", display: "Bob", device: "browser" }] } });
  show(desk, <Offers />);
  act(() => desk.store.dispatch({
    type: "told", now: 0,
    told: {
      type: "offered", reservation: "res_1", session: "s1", medium: "chat", user: "web:v1", display: "Wang", queue: "sales",
      waited_ms: 0, path: [], declined: { by: "agent:bob", reason: "wrong_skill" }, at: Date.now(), until: Date.now() + 20_000,
    },
  }));
  expect(host.textContent).toContain("Bob: not their field");
  await act(async () => button(/^Decline(?! and)/).click());
  expect(asked).toHaveBeenLastCalledWith("seat", { what: { type: "decline", reservation: "res_1" } });
  act(() => button(/Decline and say why/).click());
  const because = [...document.querySelectorAll<HTMLElement>("[role=menuitem]")];
  expect(because.map((item) => item.textContent)).toEqual(["Something else first", "Not my field", "My equipment fails"]);
  await act(async () => because[1]?.click());
  expect(asked).toHaveBeenLastCalledWith("seat", { what: { type: "decline", reservation: "res_1", reason: "wrong_skill" } });
});

test("a colleague is named in a note by keyboard, an input method's Enter chooses nobody, and the named one is told", () => {
  const desk = deskOf(["serve", "message"]);
  const people = ["Bob", "Bobby"].map((display) => ({ agent: `agent:${display.toLowerCase()}`, display, device: "browser" as const }));
  desk.store.dispatch({ type: "config", config: { people } });
  const [said, wrote] = [vi.spyOn(desk, "say"), vi.spyOn(desk.colleagues, "write")];
  show(desk, <Chat contact={{ ...contact, display: "Wang" }} />);
  act(() => document.querySelectorAll<HTMLElement>("[role=tab]")[1]?.click());
  const area = host.querySelector("textarea");
  if (area === null) throw new Error("no composer");
  const press = (key: string, init: KeyboardEventInit = {}): void => act(() => {
    area.dispatchEvent(new KeyboardEvent("keydown", { key, keyCode: 13, bubbles: true, cancelable: true, ...init }));
  });
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(area, "ask @bo");
    area.setSelectionRange(7, 7);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const marked = (): string | null | undefined => host.querySelector("[role=option][aria-selected=true]")?.textContent;
  expect(marked()).toBe("Bob");
  press("ArrowDown");
  expect(marked()).toBe("Bobby");
  press("Enter", { keyCode: 229, isComposing: true });
  expect(area.value).toBe("ask @bo");
  press("Enter");
  expect([area.value, said.mock.calls.length]).toEqual(["ask @Bobby ", 0]);
  expect(host.querySelector("[role=listbox]")).toBeNull();
  press("Enter");
  expect(said.mock.calls[0]).toEqual(["s1", { kind: "text", text: "ask @Bobby" }, true]);
  expect(wrote.mock.calls.map(([to, text, quote]) => [to, text, quote?.customer])).toEqual([["agent:bobby", "ask @Bobby", "Wang"]]);
});

test("another key is chosen for a command, a taken one is refused in words, and all go back", () => {
  show(deskOf([]), <Shortcuts />);
  const press = (code: string): void => act(() => {
    host.querySelector("button")?.dispatchEvent(new KeyboardEvent("keydown", { code, key: "x", altKey: true, bubbles: true }));
  });
  const change = (): void => act(() => host.querySelector("button")?.click());
  const said = (): string | null | undefined => host.querySelector("[role=status]")?.textContent;
  const first = (): string | null | undefined => host.querySelector("kbd")?.textContent;
  change();
  press("KeyD");
  expect([said(), first()]).toEqual(["Alt+D is taken by “Decline”. Choose another, or change that one first.", "Alt+A"]);
  press("KeyZ");
  expect([said(), first()]).toEqual(["“Accept” is on Alt+Z now.", "Alt+Z"]);
  act(() => button(/All as they were/).click());
  expect(first()).toBe("Alt+A");
});

test("wrong credentials and a lock-out are told apart, names from passwords are not", async () => {
  const answers = [
    new Response(JSON.stringify({ code: "wrong_credentials" }), { status: 401 }),
    new Response(JSON.stringify({ code: "locked", until: Date.now() + 60_000 }), { status: 429 }),
  ];
  vi.stubGlobal("fetch", () => Promise.resolve(answers.shift()));
  const desk = new Desk();
  show(desk, <SignIn notice={null} />);
  const submit = async (): Promise<string | null | undefined> => {
    for (const input of host.querySelectorAll("input")) {
      act(() => {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, "x");
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
    await act(async () => host.querySelector("form")?.requestSubmit());
    return host.querySelector("[role=alert]")?.textContent;
  };
  expect(await submit()).toBe("User name or password is wrong.");
  expect(await submit()).toMatch(/^Too many attempts\. Try again after/);
});
