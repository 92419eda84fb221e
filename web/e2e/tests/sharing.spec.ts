import { type Page } from "@playwright/test";

import { accept, agent, customer } from "../src/people.ts";
import { expect, test } from "../src/fixtures.ts";
import { allowed, banner, clickCopy, copy, drawLine, inked, invite, minimiseChat, same, sent, sharePage, spotOf, talk } from "../src/sharing.ts";

const CART = "/demo/shop/cart.html";
const field = (page: Page, name: string) => page.locator(`form [name=${name}]`);

test("s3_06 a customer shares the page from the chat: the agent sees its headings and what is shown, and nothing that is masked", async ({ world }) => {
  const { alice, visitor } = await talk(world, CART);
  await sharePage(visitor);
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible();
  await minimiseChat(visitor);
  await field(visitor, "city").fill("杭州 Hangzhou");
  await expect(copy(alice).locator("[name=city]")).toHaveValue("杭州 Hangzhou");
  await field(visitor, "when").selectOption("evening");
  await expect(copy(alice).locator("[name=when]")).toHaveValue("evening");
  await field(visitor, "name").fill("Wang Xiaoming");
  await expect(copy(alice).locator("[name=name]")).toHaveValue("•••");
  await field(visitor, "card").fill("4111 1111 1111 1111");
  await expect(copy(alice).locator("[name=card]")).toHaveValue("•••");
  await expect(copy(alice).locator("[data-ngcc-mask]")).toHaveText("•••");
  // Nothing was queued for it: the same agent, in the same session.
  await expect(alice.getByRole("region", { name: "Offers" }).getByRole("button", { name: /^Accept/ })).toHaveCount(0);
});

test("s3_06 the customer pauses, goes on and stops, and the agent sees a grey page, the page, and its end", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await sharePage(visitor);
  await expect(copy(alice).getByRole("heading", { name: /^Tea from the hills/ })).toBeVisible();
  await banner(visitor).getByRole("button", { name: "Pause" }).click();
  await expect(banner(visitor)).toContainText("paused");
  await expect(alice.getByText("The customer has paused the sharing.")).toBeVisible();
  await banner(visitor).getByRole("button", { name: "Go on" }).click();
  await expect(alice.getByText("The customer has paused the sharing.")).toHaveCount(0);
  await expect(copy(alice).getByRole("heading", { name: /^Tea from the hills/ })).toBeVisible();
  await banner(visitor).getByRole("button", { name: "Stop" }).click();
  await expect(banner(visitor)).toHaveCount(0);
  await expect(alice.getByRole("region", { name: "Customer's page" })).toHaveCount(0);
});

test("s3_08 an agent asks to see the page: nothing is shown before the customer allows it, and nothing after a no", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await invite(alice, "Customer's page");
  await expect(alice.getByText("Nothing is shown before the customer allows it.")).toBeVisible();
  const asked = visitor.getByRole("alertdialog", { name: "Alice asks to see this page" });
  await asked.getByRole("button", { name: "Not now" }).click();
  await expect(alice.getByText("The customer does not want to share.")).toBeVisible();
  await invite(alice, "Customer's page");
  await asked.getByRole("button", { name: "Allow" }).click();
  await expect(copy(alice).getByRole("heading", { name: /^Tea from the hills/ })).toBeVisible();
});

test("the agent points and draws where the customer then sees it, and the drawing fades", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await sharePage(visitor);
  await minimiseChat(visitor);
  await expect(copy(alice).locator("h1")).toBeVisible();
  await allowed(alice, visitor, "point and draw");
  const there = await spotOf(alice, "h1");
  await alice.mouse.move(there.x - 30, there.y);
  await alice.mouse.move(there.x, there.y, { steps: 5 });
  const dot = visitor.locator("ngcc-widget .dot");
  await expect(dot).toBeVisible();
  const heading = await visitor.locator("h1").boundingBox();
  await expect.poll(async () => {
    const box = await dot.boundingBox();
    if (!box || !heading) return 1000;
    return Math.hypot(box.x + box.width / 2 - heading.x - heading.width / 2, box.y + box.height / 2 - heading.y - heading.height / 2);
  }).toBeLessThan(20);
  await alice.getByRole("button", { name: "Draw", exact: true }).click();
  await alice.mouse.move(there.x, there.y);
  await alice.mouse.down();
  await alice.mouse.move(there.x + 60, there.y + 20, { steps: 6 });
  await alice.mouse.up();
  const ink = visitor.locator("ngcc-widget .ink polyline");
  await expect(ink).toHaveCount(1);
  await expect(ink).toHaveCount(0);
});

test("s3_12 with the customer's consent the agent clicks and types, proposes a value for a hidden field, and Escape twice ends it", async ({ world }) => {
  const { alice, visitor } = await talk(world, CART);
  await sharePage(visitor);
  await minimiseChat(visitor);
  await expect(copy(alice).locator("[name=city]")).toBeVisible();
  await allowed(alice, visitor, "click and type");
  await clickCopy(alice, "[name=city]");
  await alice.getByLabel("Type into this field").fill("上海");
  await expect(field(visitor, "city")).toHaveValue("上海");
  await expect(copy(alice).locator("[name=city]")).toHaveValue("上海");
  await alice.getByRole("button", { name: "Done" }).click();
  await clickCopy(alice, "[name=gift]");
  await expect(field(visitor, "gift")).toBeChecked();
  await alice.getByRole("button", { name: "Propose a value" }).click();
  await clickCopy(alice, "[name=address]");
  await alice.getByLabel("Value for this field").fill("1 Nanjing Road");
  await alice.getByRole("button", { name: "Propose", exact: true }).click();
  const proposed = visitor.getByRole("alertdialog", { name: /^Alice proposes:/ });
  await expect(proposed).toContainText("1 Nanjing Road");
  await expect(field(visitor, "address")).toHaveValue("");
  await proposed.getByRole("button", { name: "Accept" }).click();
  await expect(field(visitor, "address")).toHaveValue("1 Nanjing Road");
  await expect(alice.getByText("The customer has accepted.")).toBeVisible();
  await expect(copy(alice).locator("[name=address]")).toHaveValue("•••");
  await visitor.keyboard.press("Escape");
  await visitor.keyboard.press("Escape");
  await expect(banner(visitor)).not.toContainText("Clicking and typing");
  await expect(alice.getByRole("button", { name: "Ask to click and type" })).toBeEnabled();
});

test("the customer's own hand comes first", async ({ world }) => {
  const { alice, visitor } = await talk(world, CART);
  await sharePage(visitor);
  await minimiseChat(visitor);
  await expect(copy(alice).locator("[name=city]")).toBeVisible();
  await allowed(alice, visitor, "click and type");
  await clickCopy(alice, "[name=city]");
  await field(visitor, "city").click();
  await visitor.keyboard.type("Suzhou", { delay: 30 });
  await alice.getByLabel("Type into this field").fill("Nanjing");
  await expect(alice.getByText("The customer's own input came first.").first()).toBeVisible();
  await expect(field(visitor, "city")).toHaveValue("Suzhou");
});

test("s3_11 the page stays shared on the shop's next page, and after both have loaded theirs again within two seconds", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await sharePage(visitor);
  await minimiseChat(visitor);
  await expect(copy(alice).getByRole("heading", { name: /^Tea from the hills/ })).toBeVisible();
  await visitor.getByRole("link", { name: "Basket" }).click();
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible();
  await expect(banner(visitor)).toContainText("sees this page");
  await visitor.reload();
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible({ timeout: 2000 });
  await expect(banner(visitor)).toContainText("sees this page", { timeout: 2000 });
  await alice.reload();
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible({ timeout: 2000 });
  await field(visitor, "city").fill("Xi'an");
  await expect(copy(alice).locator("[name=city]")).toHaveValue("Xi'an");
});

test("s3_11 the agent opens another page of the shop for the customer, who is asked first", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await sharePage(visitor);
  await alice.getByRole("button", { name: "Open an address" }).click();
  await alice.getByRole("textbox", { name: "Address" }).fill(`${world.centre.url}${CART}`);
  await alice.getByRole("button", { name: "Ask the customer" }).click();
  await visitor.getByRole("alertdialog", { name: /wants to open/ }).getByRole("button", { name: "Open" }).click();
  await expect(visitor).toHaveURL(new RegExp(CART));
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible();
});

test("after a thousand random changes of the page the agent's copy is the page", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world, CART);
  await sharePage(visitor);
  await minimiseChat(visitor);
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible();
  await visitor.evaluate(async () => {
    let seed = 20_261_126;
    const draw = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const home = document.querySelector("main")?.appendChild(document.createElement("section")) as HTMLElement;
    const any = (): Element => {
      const all = [home, ...home.querySelectorAll("*")];
      return all[draw(all.length)] as Element;
    };
    for (let n = 0; n < 1000; n++) {
      const at = any();
      switch (draw(6)) {
        case 0: {
          const el = document.createElement(["p", "div", "span", "ul", "b"][draw(5)] as string);
          el.dataset["n"] = String(n);
          el.textContent = `文字 ${n}`;
          at.append(el);
          break;
        }
        case 1: at.append(` text ${n}`); break;
        case 2: at.classList.toggle(`c${draw(9)}`); break;
        case 3: at.setAttribute("title", `t${n}`); break;
        case 4: {
          const to = any();
          if (at !== home && !at.contains(to)) to.insertBefore(at, to.firstChild);
          break;
        }
        default: if (at !== home && draw(3) === 0) at.remove();
      }
      if (n % 25 === 0) await new Promise((done) => setTimeout(done, 5));
    }
  });
  await expect.poll(() => same(alice, visitor), { timeout: 20_000 }).toBe(true);
});

test("no frame of the customer's page carries a password, a card, a hidden value, a placeholder, a query or a marked text", async ({ world }) => {
  let frames: string[] = [];
  const { alice, visitor } = await talk(world, `${CART}?voucher=Sentinel-Query-5521#Sentinel-Fragment`, (page) => {
    frames = sent(page);
    return Promise.resolve();
  });
  await sharePage(visitor);
  await minimiseChat(visitor);
  await field(visitor, "password").pressSequentially("Sentinel-Password-93");
  await field(visitor, "card").pressSequentially("5500 0055 5555 5559");
  await field(visitor, "email").fill("sentinel.mail@example.org");
  await field(visitor, "name").fill("Sentinel Name");
  await field(visitor, "city").fill("Shown-City");
  await visitor.evaluate(() => {
    const add = (html: (el: HTMLElement) => void): void => {
      const el = document.createElement("div");
      html(el);
      document.querySelector("main")?.append(el);
    };
    add((el) => (el.textContent = "Your card 4012 8888 8888 1881 is charged"));
    add((el) => {
      el.dataset["ngccMask"] = "";
      el.textContent = "Sentinel-Marked";
    });
    add((el) => {
      const link = document.createElement("a");
      link.href = "/demo/shop/?session=Sentinel-Link";
      link.textContent = "link";
      el.append(link);
    });
    add((el) => {
      const input = document.createElement("input");
      input.placeholder = "Sentinel-Placeholder";
      input.value = "Sentinel-Later";
      input.setAttribute("value", "Sentinel-Default");
      el.append(input);
    });
    document.querySelector("[data-ngcc-mask]")?.replaceChildren("Sentinel-Changed");
  });
  await expect(copy(alice).locator("[name=city]")).toHaveValue("Shown-City");
  await visitor.reload();
  await expect(copy(alice).getByRole("heading", { name: "Your basket" })).toBeVisible();
  const wire = frames.join("\n");
  expect(wire).toContain("Shown-City");
  const secrets = ["Sentinel", "sentinel", "5500 0055", "55000055", "4012 8888", "hidden-7f3a91c2", "name@example.com", "Q-20417-88"];
  expect(secrets.filter((secret) => wire.includes(secret))).toEqual([]);
});

test("s3_08 a whiteboard that both draw on shows the same to both, and each takes back only their own", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await invite(alice, "Whiteboard");
  await visitor.getByRole("alertdialog", { name: "Alice asks to draw with you" }).getByRole("button", { name: "Allow" }).click();
  await drawLine(visitor, [0.2, 0.3], [0.4, 0.3]);
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await expect.poll(() => inked(alice, [0.3, 0.3])).toBe(true);
  await drawLine(alice, [0.2, 0.6], [0.4, 0.6]);
  await expect(visitor.locator("ngcc-board")).toHaveAttribute("data-count", "2");
  await expect.poll(() => inked(visitor, [0.3, 0.6])).toBe(true);
  await visitor.locator("ngcc-board").getByRole("button", { name: "Undo" }).click();
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await expect.poll(() => inked(alice, [0.3, 0.3])).toBe(false);
  await expect(visitor.locator("ngcc-board").getByRole("button", { name: "Undo" })).toBeDisabled();
  await Promise.all([alice.reload(), visitor.reload()]);
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
  await expect(visitor.locator("ngcc-board")).toHaveAttribute("data-count", "1");
});

test("s3_06 a text that both write is the same at both", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await visitor.getByRole("button", { name: "Share", exact: true }).click();
  await visitor.getByRole("button", { name: /^Write together/ }).click();
  const [theirs, mine] = [visitor.locator("ngcc-text textarea"), alice.locator("ngcc-text textarea")];
  await theirs.fill("你好，");
  await expect(mine).toHaveValue("你好，");
  await mine.press("End");
  await mine.pressSequentially("Wang");
  await expect(theirs).toHaveValue("你好，Wang");
  await theirs.press("Home");
  await theirs.pressSequentially("1. ");
  await expect(mine).toHaveValue("1. 你好，Wang");
});

test("s3_08 a form is filled by both, hides its secret from the agent, and counts once the customer has confirmed it", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await invite(alice, "Form");
  await visitor.getByRole("alertdialog", { name: "Alice asks to fill a form with you" }).getByRole("button", { name: "Allow" }).click();
  const [theirs, mine] = [visitor.locator("ngcc-form"), alice.locator("ngcc-form")];
  await expect(theirs.locator(".field").first()).toBeVisible();
  const shared = mine.locator('[data-kind="text"] input:not([readonly])').first();
  const name = (await shared.getAttribute("name")) ?? "";
  await shared.fill("by Alice");
  await expect(theirs.locator(`[name="${name}"]`)).toHaveValue("by Alice");
  await theirs.locator(`[name="${name}"]`).focus();
  await expect(mine.getByText(/is filling this/)).toBeVisible();
  await theirs.locator(`[name="${name}"]`).fill("by the customer");
  await expect(mine.locator(`[name="${name}"]`)).toHaveValue("by the customer");
  for (const row of await theirs.locator(".field").all()) await fillRow(row);
  await expect(mine.locator('[data-kind="secret"] input')).toHaveCount(0);
  await theirs.getByRole("button", { name: "Confirm" }).click();
  await expect(theirs.getByRole("status")).toHaveText("Confirmed");
  await expect(mine.getByRole("status")).toHaveText("Confirmed");
  expect(await alice.content()).not.toContain("Sentinel-Secret");
});

/** Something possible into a field that is the customer's to fill. */
async function fillRow(row: ReturnType<Page["locator"]>): Promise<void> {
  const kind = await row.getAttribute("data-kind");
  const entry = row.locator("input, textarea, select");
  if ((await entry.isDisabled()) || (await entry.getAttribute("readonly")) !== null) return;
  if (kind === "choice") await entry.selectOption({ index: 1 });
  else if (kind === "tick") await entry.check();
  else if (kind === "date") await entry.fill("2026-12-24");
  else if (kind === "number") await entry.fill("3");
  else if (kind === "secret") await entry.fill("Sentinel-Secret");
  else if ((await entry.inputValue()) === "") await entry.fill("something");
  await entry.blur();
}

test("s3_11 a phone-sized page on a slow network shares, is asked, and comes back after a reload", async ({ world }) => {
  test.slow();
  const { alice, visitor } = await talk(world, "/demo/shop/", async (page) => {
    await page.setViewportSize({ width: 390, height: 780 });
    const wire = await page.context().newCDPSession(page);
    await wire.send("Network.emulateNetworkConditions", { offline: false, latency: 200, downloadThroughput: 100_000, uploadThroughput: 50_000 });
  });
  await sharePage(visitor);
  await minimiseChat(visitor);
  await expect(copy(alice).getByRole("heading", { name: /^Tea from the hills/ })).toBeVisible();
  await allowed(alice, visitor, "point and draw");
  await visitor.reload();
  await expect(banner(visitor)).toContainText("sees this page");
  await expect(copy(alice).getByRole("heading", { name: /^Tea from the hills/ })).toBeVisible();
  expect(await visitor.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test("s3_04 a page asks for a whiteboard without a session: an agent is found, and both join", async ({ world }) => {
  const alice = await agent(world, "alice");
  const visitor = await customer(world);
  await expect(visitor.getByRole("button", { name: "Chat with us" })).toBeVisible();
  await visitor.evaluate(() => {
    const widget = document.querySelector("ngcc-widget") as HTMLElement & { share(kind: string, more?: object): Promise<void> };
    return widget.share("whiteboard", { entry: "help" });
  });
  await accept(alice, "Chat");
  await expect(visitor.locator("ngcc-board")).toBeVisible();
  await drawLine(visitor, [0.3, 0.4], [0.5, 0.4]);
  await expect(alice.locator("ngcc-board")).toHaveAttribute("data-count", "1");
});

test("s3_10 the end of the conversation ends what is shared, and both are told", async ({ world }) => {
  const { alice, visitor } = await talk(world);
  await sharePage(visitor);
  await expect(copy(alice).locator("h1")).toBeVisible();
  await alice.getByRole("button", { name: "Close" }).click();
  await alice.getByRole("alertdialog").getByRole("button", { name: "Close" }).click();
  await expect(banner(visitor)).toHaveCount(0);
  await expect(alice.getByRole("region", { name: "Customer's page" })).toHaveCount(0);
});
