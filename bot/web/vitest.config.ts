import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Files that need a page say so in their first line; starting one costs more than most tests.
    environment: "node",
    include: ["widget/test/**/*.test.ts", "demo/test/**/*.test.ts"],
    // One worker: the suites are small and the machine that runs them is often busy.
    maxWorkers: 1,
    passWithNoTests: false,
  },
});
