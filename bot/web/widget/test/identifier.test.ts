import { expect, test } from "vitest";
import { newIdentifier } from "../src/identifier";

test("identifiers are of a form that the gateway takes, and each is another", () => {
  const made = Array.from({ length: 100 }, newIdentifier);
  for (const identifier of made) expect(identifier).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(made).size).toBe(100);
});
