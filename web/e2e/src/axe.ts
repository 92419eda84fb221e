// What axe finds on a page, in light and dark.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "@playwright/test";

const AXE = readFileSync(join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"), "utf8");

interface Axe {
  axe: { run(context: Document, options: object): Promise<{ violations: { id: string; impact: string | null; nodes: { html: string; any: { message: string }[] }[] }[] }> };
}

/** Looks taken before something counts: what is there at one look only was a page that was just changing. */
const LOOKS = 3;

/** Whatever moves or changes colour comes to rest; what never ends is not waited for. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations()
    .filter((a) => a.effect?.getComputedTiming().endTime !== Infinity)
    .map((a) => a.finished.catch(() => undefined))));
}

/** What axe finds on the page as it stands, open shadow roots too, and goes on finding. */
export async function findings(page: Page, where: string): Promise<string[]> {
  // Evaluated, not added as a script: the page's own policy stays as it is.
  await page.evaluate(AXE);
  let lasting: string[] = [];
  for (let look = 0; look < LOOKS; look++) {
    await atRest(page);
    const found = await page.evaluate(async () => (await (window as unknown as Axe).axe.run(document, { resultTypes: ["violations"] })).violations);
    const now = found.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${where}: ${v.id} (${String(v.impact)}) ${n.html.slice(0, 160)} ${n.any[0]?.message ?? ""}`));
    lasting = look === 0 ? now : lasting.filter((one) => now.includes(one));
    if (lasting.length === 0) break;
  }
  return lasting;
}

/** The page in light and dark. */
export async function both(page: Page, where: string, found: string[]): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    found.push(...(await findings(page, `${where}, ${colorScheme}`)));
  }
}
