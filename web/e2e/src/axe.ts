// What axe says of a page: the same rules for every page.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type Page } from "@playwright/test";

const AXE = readFileSync(join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"), "utf8");

interface Axe {
  axe: { run(context: Document, options: object): Promise<{ violations: { id: string; impact: string | null; nodes: { html: string; any: { message: string }[] }[] }[] }> };
}

/** What axe finds on the page as it stands, open shadow roots too. */
export async function findings(page: Page, where: string): Promise<string[]> {
  // Evaluated, not added as a script: the page's own policy stays as it is.
  await page.evaluate(AXE);
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished)));
  const found = await page.evaluate(async () => (await (window as unknown as Axe).axe.run(document, { resultTypes: ["violations"] })).violations);
  return found.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${where}: ${v.id} (${String(v.impact)}) ${n.html.slice(0, 160)} ${n.any[0]?.message ?? ""}`));
}

/** The page in light and dark. */
export async function both(page: Page, where: string, found: string[]): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Colours that still change into one another are nobody's colours; what never ends is not waited for.
    await page.evaluate(() => Promise.all(document.getAnimations()
      .filter((a) => a.effect?.getComputedTiming().endTime !== Infinity)
      .map((a) => a.finished.catch(() => undefined))));
    found.push(...(await findings(page, `${where}, ${colorScheme}`)));
  }
}
