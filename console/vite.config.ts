import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// What `jinyun serve` hands out lies inside the package, so that the wheel has it.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/jinyun/web/pages",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { "/v1": { target: process.env.JINYUN_URL ?? "http://127.0.0.1:8800", ws: true } } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/tests/setup.ts"] },
});
