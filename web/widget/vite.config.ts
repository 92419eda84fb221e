import { defineConfig } from 'vitest/config';
import { demoSite } from './demo/plugin.ts';
import { mendRecorder } from './recorder.ts';

/** loader.js, chat.js and voice.js have fixed names: pages of others point at the first, which loads the rest from beside itself. */
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [mendRecorder(), demoSite()],
  publicDir: 'public',
  build: {
    target: 'es2022',
    outDir: 'dist',
    cssCodeSplit: false,
    lib: { entry: { loader: 'src/loader.ts', call: 'src/call-page.ts', join: 'src/join/main.ts', 'demo/hub': 'demo/hub/hub.ts' }, formats: ['es'] },
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
            { name: 'cobrowse', test: /src\/cobrowse\/|share\/src\/(rr|address)|node_modules\/@rrweb/ },
            { name: 'screen', test: /src\/screen\/|share\/src\/screen/ },
            { name: 'board', test: /share\/src\/(board|text|ydoc)|node_modules\/(yjs|lib0)/ },
            { name: 'form', test: /share\/src\/form/ },
            { name: 'put', test: /share\/src\/(i18n\/)?(put|files|links)/ },
            // What form and board have in common comes with what loads them.
            { name: 'sharing-zh', test: /src\/sharing\/i18n\/zh/ },
            { name: 'sharing', test: /src\/sharing\/|share\/src\// },
            { name: 'chat', test: /src\/(app|core|ui|i18n|wire)|node_modules\/preact|rolldown.runtime/ },
          ],
        },
      },
    },
  },
  test: { include: ['test/**/*.test.ts', 'test/**/*.test.tsx'], environment: 'jsdom' },
});
