/** Two lines of the recorder's, mended as it is built in; the build stops where it no longer has them. */
import type { Plugin } from 'vite';

const MENDED: [string, string][] = [
  // It compares styles by means of an inline one, which a strict content security policy reports every time.
  ['old.setAttribute("style", m.oldValue);', 'old.style.cssText = m.oldValue;'],
  // It watches the inside of an element that is blocked, as our own is: the customer's own chat is none of the page.
  [
    'addShadowRoot(shadowRoot2, doc) {',
    `addShadowRoot(shadowRoot2, doc) {
    if (isBlocked(index.host(shadowRoot2), this.bypassOptions.blockClass, this.bypassOptions.blockSelector, true)) return;`,
  ],
];

export function mendRecorder(): Plugin {
  return {
    name: 'mend-recorder',
    transform(code, id) {
      if (!/@rrweb\/record\/dist\/record\.js/.test(id)) return undefined;
      let mended = code;
      for (const [from, to] of MENDED) {
        if (mended.split(from).length !== 2) this.error(`the recorder no longer has \`${from}\` once`);
        mended = mended.replace(from, () => to);
      }
      return { code: mended, map: null };
    },
  };
}
