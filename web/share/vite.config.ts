import { defineConfig } from 'vitest/config';

/** Nothing is built here: the console and the widget take the sources. */
export default defineConfig({ test: { include: ['test/**/*.test.ts'], environment: 'jsdom' } });
