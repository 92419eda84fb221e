// Development only: pictures of the widget in its states, taken against dev/server.mjs. node dev/shots.mjs <address> <folder> [names…]
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';

const [address, folder, ...only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
});
const post = (what, data = {}) => fetch(`${address}/dev/${what}`, { method: 'POST', body: JSON.stringify(data) });
const alice = { is: 'agent', display: 'Alice Chen' };
const shown = (name) => only.length === 0 || only.includes(name);
const problems = [];

async function page({ lang = 'en-US', colorScheme = 'light', viewport = { width: 1180, height: 760 }, path = '/demo/shop/' } = {}) {
  await post('forget');
  const context = await browser.newContext({ locale: lang, colorScheme, viewport, timezoneId: 'Asia/Shanghai' });
  const p = await context.newPage();
  p.on('console', (m) => m.type() === 'error' && problems.push(m.text()));
  p.on('pageerror', (e) => problems.push(String(e)));
  await p.goto(address + path);
  return p;
}
const shot = (p, name) => p.screenshot({ path: `${folder}/${name}.png` });
const input = (p) => p.locator('ngcc-widget textarea');
async function write(p, text) {
  await input(p).fill(text);
  await input(p).press('Enter');
}

async function conversation(p, zh) {
  await p.locator('ngcc-widget .bubble').click();
  await p.locator('ngcc-widget .choices .chip').nth(1).click();
  await post('say', { by: { is: 'automation' }, content: { kind: 'text', text: zh ? '正在为您转接人工客服，请稍候。' : 'I am passing you on to a colleague.' } });
  await post('status', { is: 'queue', position: 2, estimate_s: 170 });
}

for (const [name, zh, dark] of [['en-light', false, false], ['zh-dark', true, true]]) {
  const look = { lang: zh ? 'zh-CN' : 'en-US', colorScheme: dark ? 'dark' : 'light' };
  if (shown('shop')) {
    for (const path of ['', 'product.html', 'cart.html', 'about.html']) {
      const p = await page({ ...look, path: `/demo/shop/${path}` });
      await shot(p, `shop-${path.replace('.html', '') || 'home'}-${name}`);
      await p.context().close();
    }
  }
  if (shown('hub')) {
    const p = await page({ ...look, path: '/demo' });
    await p.waitForSelector('[data-live]');
    await p.screenshot({ path: `${folder}/hub-${name}.png`, fullPage: true });
    await p.context().close();
  }
  if (shown('chat')) {
    const p = await page(look);
    await conversation(p, zh);
    await p.locator('ngcc-widget .queue').waitFor();
    await shot(p, `chat-queue-${name}`);
    await post('say', { by: { is: 'centre' }, content: { kind: 'notice', word: 'joined', display: 'Alice Chen' } });
    await post('status', { is: 'talk', display: 'Alice Chen' });
    await post('say', { by: alice, content: { kind: 'text', text: zh ? '您好，我是小陈，请问您的订单号是多少？' : 'Hello, this is Alice. Which order is it about?' } });
    await post('say', { by: alice, content: { kind: 'text', text: '<img src=x onerror=alert(1)> <b>text</b>' } });
    await write(p, zh ? '订单 20261126-88，昨天到货时茶罐有点凹。' : 'Order 20261126-88. The tin had a dent when it came yesterday.');
    await post('read');
    await p.locator('ngcc-widget input[type=file]').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: await p.screenshot({ clip: { x: 60, y: 100, width: 260, height: 180 } }) });
    await p.locator('ngcc-widget .picture').waitFor();
    await p.locator('ngcc-widget input[type=file]').setInputFiles({ name: '"><script>x</script>.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(48_300) });
    await p.locator('ngcc-widget .file:not(.picture)').waitFor();
    await post('typing');
    await p.locator('ngcc-widget .typing').waitFor();
    await shot(p, `chat-talk-${name}`);
    await write(p, '/nack');
    await p.locator('ngcc-widget .is-failed').waitFor();
    await post('say', { by: { is: 'centre' }, content: { kind: 'notice', word: 'closes_soon', at: Date.now() + 120_000 } });
    await p.locator('ngcc-widget .idle').waitFor();
    await p.locator('ngcc-widget .head .round').first().click();
    await shot(p, `chat-idle-menu-${name}`);
    await p.keyboard.press('Escape');
    await post('cut');
    await p.locator('ngcc-widget .bar.warn').waitFor();
    await shot(p, `chat-cut-${name}`);
    await p.locator('ngcc-widget .bar.good').waitFor();
    await post('close');
    await p.locator('ngcc-widget .ended').waitFor();
    await shot(p, `chat-ended-${name}`);
    await p.context().close();
  }
  if (shown('small')) {
    const p = await page({ ...look, viewport: { width: 375, height: 667 } });
    await conversation(p, zh);
    await p.locator('ngcc-widget .queue').waitFor();
    await shot(p, `small-${name}`);
    await p.context().close();
  }
  if (shown('call')) {
    const answerer = await browser.newPage();
    await answerer.goto(`${address}/dev/peer.html`);
    const p = await page({ ...look, path: '/demo/shop/' });
    await p.locator('ngcc-widget .bubble').click();
    await p.locator('ngcc-widget .actions .chip').nth(1).click();
    await p.locator('ngcc-widget .call[data-stage=up]').waitFor();
    await post('leg', { type: 'leg.status', data: { session: 's', status: { is: 'self_service' } } });
    await p.locator('ngcc-widget .keys button').nth(0).click();
    await p.keyboard.type('23#');
    await p.waitForFunction(() => document.querySelector('ngcc-widget').shadowRoot.querySelector('.bars')?.dataset.bars > 0);
    await shot(p, `call-auto-${name}`);
    await post('leg', { type: 'leg.status', data: { session: 's', status: { is: 'talk', display: 'Alice Chen' } } });
    await p.locator('ngcc-widget .call[data-status=talk]').waitFor();
    await shot(p, `call-talk-${name}`);
    await p.locator('ngcc-widget .control').nth(2).click();
    await p.locator('ngcc-widget video.theirs').waitFor();
    await p.waitForFunction(() => document.querySelector('ngcc-widget').callReport().then((r) => r['video.framesDecoded'] > 5));
    await shot(p, `call-video-${name}`);
    await p.goto(`${address}/demo/shop/product.html`);
    const from = Date.now();
    await p.locator('ngcc-widget .call[data-stage=up]').waitFor();
    await p.waitForFunction(() => document.querySelector('ngcc-widget').callReport().then((r) => r?.['audio.packetsReceived'] > 5));
    console.log(`call back after a page change: ${Date.now() - from} ms, keys ${await (await fetch(`${address}/dev/keys`)).text()}`);
    await shot(p, `call-back-${name}`);
    await post('restart');
    await p.waitForFunction(() => document.querySelector('ngcc-widget').shadowRoot.querySelector('.call')?.dataset.stage === 'up');
    await p.locator('ngcc-widget .hang-up').click();
    await p.locator('ngcc-widget .call[data-stage=ended]').waitFor();
    await shot(p, `call-ended-${name}`);
    await p.context().close();
    const alone = await page({ ...look, path: '/widget/call.html?entry=1000&video=1' });
    await shot(alone, `call-page-${name}`);
    await alone.context().close();
    await answerer.close();
  }
}
console.log(problems.length ? `console problems:\n${problems.join('\n')}` : 'no console problems');
await browser.close();
