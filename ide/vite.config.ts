// How the IDE is built: hashed assets, each with its .br and .gz beside it, and a dev server that hands /api to a
// running Gradus.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompress } from "./scripts/precompress.ts";
import { preloadStart } from "./scripts/preload-start.ts";

/** Where `npm run dev` finds the API; GRADUS_API=http://host:port changes it. */
const api = process.env.GRADUS_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), preloadStart(), precompress()],
  build: {
    target: "es2022",
    manifest: true,
    sourcemap: false,
    // Small files inlined as data: URLs would need `data:` in the page's content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The Origin header must name the host the browser sees, or the API's origin check refuses; so Host stays as it is.
  server: { proxy: { "/api": { target: api, changeOrigin: false, ws: true } } },
  test: { environment: "node", include: ["src/**/*.test.ts"], setupFiles: ["src/words/english.setup.ts"] },
});
