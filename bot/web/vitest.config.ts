import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    include: ["widget/test/**/*.test.ts", "demo/test/**/*.test.ts"],
    // One worker: the suites are small and the machine that runs them is often busy.
    maxWorkers: 1,
    passWithNoTests: false,
  },
});
