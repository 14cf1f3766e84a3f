import { expect, test } from "vitest";
import { Backoff } from "../src/backoff";

test("waits double up to the longest, between half and all of it", () => {
  const shortest = new Backoff(500, 4_000, () => 0);
  const longest = new Backoff(500, 4_000, () => 1);
  expect([1, 2, 3, 4, 5].map(() => shortest.next())).toEqual([250, 500, 1_000, 2_000, 2_000]);
  expect([1, 2, 3, 4, 5].map(() => longest.next())).toEqual([500, 1_000, 2_000, 4_000, 4_000]);
});

test("never waits less than the server asks for", () => {
  expect(new Backoff(500, 4_000, () => 1).next(9_000)).toBe(9_000);
});

test("starts again with the shortest wait after a reset", () => {
  const backoff = new Backoff(500, 30_000, () => 1);
  backoff.next();
  backoff.next();
  backoff.reset();
  expect(backoff.next()).toBe(500);
});

test("does not overflow after days of failures", () => {
  const backoff = new Backoff(500, 30_000, () => 1);
  for (let attempt = 0; attempt < 5_000; attempt += 1) backoff.next();
  expect(backoff.next()).toBe(30_000);
});
