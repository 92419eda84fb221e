/** Writes the demo's pages beside the widget: `dist/demo/` is served under `/demo/`. */
import { readFileSync } from 'node:fs';
import { transformWithOxc, type Plugin } from 'vite';
import { hubPage } from './hub/page.ts';
import { cup, hills, leaf, tin } from './pictures.ts';
import { PAGES } from './shop/pages.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

const PICTURES: Record<string, string> = {
  leaf, hills, cup,
  'tin-green': tin('#e8efe6', '#2f7d5d', '#f4f4ee'),
  'tin-red': tin('#f4e6e0', '#9c3b2c', '#f6e3c8'),
  'tin-brown': tin('#efe7de', '#5b4636', '#e6cfa8'),
  'tin-gold': tin('#f2efe2', '#b79b5b', '#fffdf4'),
};
const HUB_ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b63c5"/><path d="M7 17v-2a9 9 0 0 1 18 0v2M7 17v4a2 2 0 0 0 2 2h2v-7H9a2 2 0 0 0-2 2Zm18 0v4a2 2 0 0 1-2 2h-2v-7h2a2 2 0 0 1 2 2Zm-2 6c0 3-3 4-6 4" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>\n';

export function demoSite(): Plugin {
  return {
    name: 'demo-site',
    async generateBundle() {
      const emit = (fileName: string, source: string) => this.emitFile({ type: 'asset', fileName: `demo/${fileName}`, source });
      for (const [name, page] of Object.entries(PAGES)) emit(`shop/${name}`, page);
      for (const [name, picture] of Object.entries(PICTURES)) emit(`shop/img/${name}.svg`, picture);
      emit('shop/shop.css', read('shop/shop.css'));
      emit('shop/shop.js', (await transformWithOxc(read('shop/shop.ts'), 'shop.ts')).code.replace(/export \{\s*\};?\s*$/, ''));
      emit('index.html', hubPage);
      emit('hub.css', read('hub/hub.css'));
      emit('hub.svg', HUB_ICON);
    },
  };
}
