import { defineConfig } from "vite";

/** The widget: one self-contained script (Lit inside), so that a shop embeds it with a single tag. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    lib: {
      entry: "widget/src/embed.ts",
      formats: ["iife"],
      name: "Yingda",
      fileName: () => "yingda-widget.js",
    },
  },
});
