// What people do with what they share, and how its two ends are compared.

import { type FrameLocator, type Locator, type Page, expect } from "@playwright/test";

import type { World } from "./fixtures.ts";
import type { Devices } from "./senses.ts";
import { accept, agent, customer, openChat, write } from "./people.ts";

/** A customer on a page of the shop who chats with Alice. */
export async function talk(world: World, path = "/demo/shop/", prepare?: (visitor: Page) => Promise<void>, devices?: Devices): Promise<{ alice: Page; visitor: Page }> {
  const alice = await agent(world, "alice");
  const visitor = prepare ? await prepared(world, path, prepare) : await customer(world, devices, path);
  await openChat(visitor);
  await write(visitor, "hello");
  await visitor.getByRole("button", { name: "Sales" }).click();
  await accept(alice, "Chat");
  await expect(visitor.getByText("Alice joined")).toBeVisible();
  return { alice, visitor };
}

async function prepared(world: World, path: string, prepare: (visitor: Page) => Promise<void>): Promise<Page> {
  const visitor = await world.person();
  await prepare(visitor);
  await visitor.goto(`${world.centre.url}${path}`);
  return visitor;
}

/** The customer shares the page from the chat. */
export async function sharePage(visitor: Page): Promise<void> {
  await visitor.getByRole("button", { name: "Share", exact: true }).click();
  await visitor.getByRole("button", { name: /^Share this page/ }).click();
  await expect(banner(visitor)).toContainText("sees this page");
}

/** Out of the way of what lies under it. */
export async function minimiseChat(visitor: Page): Promise<void> {
  await visitor.getByRole("button", { name: "Minimise" }).first().click();
}

export function banner(visitor: Page): Locator {
  return visitor.getByRole("region", { name: "This page" });
}

/** The agent's copy of the customer's page. */
export function copy(alice: Page): FrameLocator {
  return alice.getByRole("region", { name: "Customer's page" }).frameLocator("iframe");
}

/** The agent asks, the customer allows. */
export async function allowed(alice: Page, visitor: Page, what: "point and draw" | "click and type"): Promise<void> {
  await alice.getByRole("button", { name: `Ask to ${what}` }).click();
  await visitor.getByRole("alertdialog", { name: `Alice asks to ${what} on this page` }).getByRole("button", { name: "Allow" }).click();
  await expect(banner(visitor)).toContainText(what === "click and type" ? "Clicking and typing" : "Pointing and drawing");
}

/** Where in the agent's window an element of the copy is. */
export async function spotOf(alice: Page, selector: string): Promise<{ x: number; y: number }> {
  return alice.evaluate((wanted) => {
    const frame = [...document.querySelectorAll("iframe")].find((f) => f.offsetWidth > 0);
    const inner = frame?.contentDocument?.querySelector(wanted)?.getBoundingClientRect();
    if (!frame || !inner) throw new Error(`the copy has no ${wanted}`);
    const box = frame.getBoundingClientRect();
    const scale = box.width / frame.offsetWidth;
    return { x: box.x + (inner.x + inner.width / 2) * scale, y: box.y + (inner.y + inner.height / 2) * scale };
  }, selector);
}

export async function clickCopy(alice: Page, selector: string): Promise<void> {
  const { x, y } = await spotOf(alice, selector);
  await alice.mouse.click(x, y);
}

/** The agent invites to something from the contact's panel. */
export async function invite(alice: Page, what: "Customer's page" | "Form" | "Whiteboard" | "Text" | "Files" | "Addresses" | "Customer's screen"): Promise<void> {
  await alice.getByRole("button", { name: "Collaborate" }).click();
  const dialog = alice.getByRole("dialog", { name: "Collaborate" });
  await dialog.getByLabel("What").selectOption({ label: what });
  await dialog.getByRole("button", { name: "Invite" }).click();
  await expect(dialog).toHaveCount(0);
}

/** Elements, texts and a few attributes of the page or its copy: without what is masked, and what each has for itself. */
const outline = (): string => {
  const left = "script, style, link, meta, noscript, template, iframe, ngcc-widget, ngcc-style, ngcc-none, [data-ngcc-mask]";
  const all = [...document.querySelectorAll("iframe")];
  const frame = all.find((f) => f.closest("[aria-label=\"Customer's page\"]") !== null);
  const lines: string[] = [];
  const walk = (node: Node): void => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = (node.nodeValue ?? "").replace(/\s+/g, " ").trim();
      if (text !== "") lines.push(text);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const el = node as Element;
    if (el.matches(left)) return;
    const classes = [...el.classList].filter((c) => !c.startsWith(":") && !c.startsWith("rr")).sort().join(".");
    lines.push(`<${el.localName} ${el.id} ${classes} ${el.hasAttribute("hidden")} ${el.getAttribute("data-n") ?? ""} ${el.getAttribute("title") ?? ""}>`);
    if (el.localName !== "textarea") el.childNodes.forEach(walk);
    lines.push("</>");
  };
  walk((frame?.contentDocument ?? document).body);
  return lines.join("\n");
};

/** Whether the copy is the page. */
export async function same(alice: Page, visitor: Page): Promise<boolean> {
  const [theirs, mine] = [await alice.evaluate(outline), await visitor.evaluate(outline)];
  return theirs === mine && theirs.length > 100;
}

/** Everything that the page sends over any WebSocket from now on. */
export function sent(page: Page): string[] {
  const frames: string[] = [];
  page.on("websocket", (socket) => socket.on("framesent", (frame) => frames.push(String(frame.payload))));
  return frames;
}

/** Draws a line on the board of a page. */
export async function drawLine(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  // Counted once it is laid out.
  await expect(page.locator("ngcc-board")).toHaveAttribute("data-count", /\d/);
  const box = await page.locator("ngcc-board canvas").boundingBox();
  if (!box) throw new Error("no board");
  const at = ([x, y]: [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]), { steps: 4 });
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

/** Whether anything but white is drawn around a point of the board. */
export async function inked(page: Page, [x, y]: [number, number]): Promise<boolean> {
  return page.locator("ngcc-board canvas").evaluate((canvas, [fx, fy]) => {
    const el = canvas as HTMLCanvasElement;
    const [cx, cy] = [Math.round(el.width * fx), Math.round(el.height * fy)];
    const { data } = (el.getContext("2d") as CanvasRenderingContext2D).getImageData(cx - 6, cy - 6, 12, 12);
    return data.some((value, n) => n % 4 !== 3 && value < 128);
  }, [x, y] as const);
}
