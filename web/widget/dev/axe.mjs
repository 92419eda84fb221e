// Development only: axe over the widget's states and the demo's pages. node dev/axe.mjs <address of dev/server.mjs>
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [address] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });
const post = (what, data = {}) => fetch(`${address}/dev/${what}`, { method: 'POST', body: JSON.stringify(data) });
let findings = 0;

async function check(page, name) {
  await page.waitForTimeout(250); // The window's opening animation changes contrasts.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const v of violations) {
    findings += 1;
    console.log(`${name}: ${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' | ')}`);
  }
}

for (const colorScheme of ['light', 'dark']) {
  for (const locale of ['en-US', 'zh-CN']) {
    const look = `${colorScheme} ${locale}`;
    const context = await browser.newContext({ locale, colorScheme, viewport: { width: 1180, height: 760 } });
    const page = await context.newPage();
    for (const path of ['/demo', '/demo/shop/', '/demo/shop/product.html', '/demo/shop/cart.html', '/demo/shop/about.html', '/widget/call.html?entry=1000']) {
      await post('forget');
      await page.goto(address + path);
      await check(page, `${look} ${path}`);
    }
    await post('forget');
    await page.goto(`${address}/demo/shop/`);
    await page.locator('ngcc-widget .bubble').click();
    await page.locator('ngcc-widget .choices .chip').first().waitFor();
    await check(page, `${look} chat greeting`);
    await post('status', { is: 'queue', position: 2, estimate_s: 100 });
    await post('say', { by: { is: 'centre' }, content: { kind: 'notice', word: 'closes_soon', at: Date.now() + 100_000 } });
    await page.locator('ngcc-widget textarea').fill('/nack');
    await page.locator('ngcc-widget textarea').press('Enter');
    await page.locator('ngcc-widget .is-failed').waitFor();
    await page.locator('ngcc-widget .head .round').first().click();
    await check(page, `${look} chat queue, menu, failed`);
    await page.keyboard.press('Escape');
    await post('close');
    await page.locator('ngcc-widget .ended').waitFor();
    await check(page, `${look} chat ended`);
    const answerer = await context.newPage();
    await answerer.goto(`${address}/dev/peer.html`);
    await post('forget');
    await page.goto(`${address}/widget/call.html?entry=1000&video=1`);
    await page.locator('ngcc-widget .begin .primary').click();
    await page.locator('ngcc-widget .call[data-stage=up]').waitFor();
    await post('leg', { type: 'leg.status', data: { session: 's', status: { is: 'in_ivr', display: 'Alice' } } });
    await page.locator('ngcc-widget .keypad').waitFor();
    await check(page, `${look} call`);
    await context.close();
  }
}
console.log(`${findings} findings`);
await browser.close();
