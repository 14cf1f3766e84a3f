import { defineConfig } from "vite";

/** The demo shop page. Addresses stay relative so that it works under any path the gateway mounts it at. */
export default defineConfig({
  root: "demo",
  base: "./",
  publicDir: false,
  build: {
    outDir: "../dist/demo",
    emptyOutDir: true,
    target: "es2022",
    // Inlined data: addresses would need an exception in a strict content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
