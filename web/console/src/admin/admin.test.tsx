import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { setLang } from "../i18n";
import { DeskProvider } from "../parts/desk";
import { Desk } from "../store/desk";
import Admin from "./admin";

let root: Root | null = null;
let host: HTMLElement;

beforeAll(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  // jsdom has none.
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  setLang("en");
});
beforeEach(() => {
  host = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  act(() => root?.unmount());
  document.body.replaceChildren();
});

type Given = { status: number; body: unknown };

/** The page, with a centre that answers by path. */
async function show(answer: (path: string) => Given): Promise<void> {
  vi.stubGlobal("fetch", (path: string) => {
    const { status, body } = answer(path);
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  await act(async () => {
    root = createRoot(host);
    root.render(<DeskProvider value={new Desk()}><Admin /></DeskProvider>);
    await Promise.resolve();
  });
}

async function press(name: string): Promise<void> {
  const found = [...document.querySelectorAll("button")].find((b) => (b.getAttribute("aria-label") ?? b.textContent) === name);
  if (found === undefined) throw new Error(`no button ${name}`);
  await act(async () => {
    found.click();
    await Promise.resolve();
  });
}

const kinds = { entries: ["800"], kinds: [{ kind: "pigeon", fields: [{ key: "loft", secret: false, required: true, own: false, form: "text" }] }] };

test("what may not be seen or does not come is said, and asked for again", async () => {
  let status = 403;
  await show((path) => status === 403 ? { status, body: { code: "forbidden" } }
    : { status: 200, body: path.endsWith("/kinds") ? kinds : { data: [] } });
  const alerts = (): string[] => [...document.querySelectorAll("[role=alert]")].map((alert) => alert.textContent ?? "");
  expect(alerts().length).toBe(2);
  expect(alerts()[0]).toContain("You may not see this.");
  status = 200;
  await press("Try again");
  await press("Try again");
  expect(alerts()).toEqual([]);
  expect(host.textContent).toContain("No channel yet.");
});

test("a kind without words of its own is set up by what the centre says of it", async () => {
  await show((path) => ({ status: 200, body: path.endsWith("/kinds") ? kinds : { data: [] } }));
  await press("Add channel");
  expect(host.textContent).toContain("pigeon");
  await press("Next");
  expect([...document.querySelectorAll("label")].map((label) => label.textContent)).toEqual(
    ["Name", "Entry number", "Language of the centre's own lines", "loft"]);
  await press("Save");
  expect([...document.querySelectorAll("[aria-invalid=true]")].map((at) => at.getAttribute("data-field"))).toEqual(["name", "loft"]);
  expect(document.activeElement?.getAttribute("data-field")).toBe("name");
});
