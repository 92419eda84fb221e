import { defineConfig } from 'vitest/config';
import { demoSite } from './demo/plugin.ts';

/** loader.js, chat.js and voice.js have fixed names: pages of others point at the first, which loads the rest from beside itself. */
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [demoSite()],
  publicDir: 'public',
  build: {
    target: 'es2022',
    outDir: 'dist',
    cssCodeSplit: false,
    lib: { entry: { loader: 'src/loader.ts', call: 'src/call-page.ts', 'demo/hub': 'demo/hub/hub.ts' }, formats: ['es'] },
    minify: 'oxc',
    reportCompressedSize: false,
    rolldownOptions: {
      preserveEntrySignatures: 'allow-extension',
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        minify: true,
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'voice', test: /src\/voice\// },
            { name: 'chat', test: /src\/(app|core|ui|i18n|wire)|node_modules\/preact|rolldown.runtime/ },
          ],
        },
      },
    },
  },
  test: { include: ['test/**/*.test.ts', 'test/**/*.test.tsx'], environment: 'jsdom' },
});
