// The console is served under /console/ with `default-src 'self'`: nothing is inlined, nothing is fetched
// from elsewhere. `npm run dev` adds a small centre of its own (dev/centre.mjs) to look at the screens.
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

function devCentre(): Plugin {
  return {
    name: "ngcc-dev-centre",
    apply: "serve",
    async configureServer(server) {
      if (process.env["VITEST"] !== undefined || server.httpServer === null) return;
      const { attach } = await import("./dev/centre.mjs");
      attach(server.middlewares, server.httpServer);
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), devCentre()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    // Packed size is what counts; test/build.test.ts holds it.
    chunkSizeWarningLimit: 800,
  },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}", "test/**/*.test.ts"] },
});
