// What every test is given: a centre of its own, phones and pages that end with it, and the rule that no page talks to
// another host, breaks its content security policy or writes an error.

import { type BrowserContext, type Page, test as base } from "@playwright/test";

import { Centre } from "./centre.ts";
import { Phone } from "./phone.ts";
import { type Devices, give } from "./senses.ts";

export interface World {
  centre: Centre;
  /** A page with devices of its own, in a context of its own (another person). */
  person(devices?: Devices): Promise<Page>;
  /** A SIP phone. */
  phone(user: string, secret?: string, display?: string): Phone;
  /** What pages did that they must not: foreign requests, policy violations, errors. Empty at the end of every test. */
  faults: string[];
}

export const test = base.extend<{ world: World; settings: Record<string, string> }>({
  settings: [{}, { option: true }],
  world: async ({ browser, settings }, use, info) => {
    const centre = await Centre.start(settings);
    const contexts: BrowserContext[] = [];
    const phones: Phone[] = [];
    const faults: string[] = [];
    const person = async (devices: Devices = {}) => {
      const context = await browser.newContext();
      contexts.push(context);
      await context.route("**/*", (route) => {
        const host = new URL(route.request().url()).hostname;
        if (host === "127.0.0.1" || host === "localhost") return route.continue();
        faults.push(`asked ${route.request().url()}`);
        return route.abort();
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
      page.on("console", (line) => {
        const quiet = /WebSocket connection to|Failed to load resource|net::ERR_/.test(line.text());
        if (line.type() === "error" && !quiet) faults.push(`console: ${line.text()}`);
      });
      await give(page, devices);
      return page;
    };
    const phone = (user: string, secret?: string, display?: string) => {
      const made = new Phone(centre, user, secret, display);
      phones.push(made);
      return made;
    };
    await use({ centre, person, phone, faults });
    for (const made of phones) made.end();
    for (const context of contexts) await context.close();
    await centre.end(info.status !== info.expectedStatus);
    if (info.status === info.expectedStatus && faults.length > 0) throw new Error(faults.join("\n"));
  },
});

export { expect } from "@playwright/test";
