import { expect, test } from "vitest";
import { isSendable, textLength } from "../src/text-limit";

test.each([
  ["运费怎么算？", true],
  ["字".repeat(500), true],
  ["字".repeat(501), false],
  [`  ${"字".repeat(500)}\n`, true],
  ["😀".repeat(500), true],
  ["👨‍👩‍👧", true],
  ["", false],
  [" \n\t　", false],
  ["\u0000\u0007\u200b", false],
])("%j sendable: %s", (text, sendable) => {
  expect(isSendable(text)).toBe(sendable);
});

test("counts characters, not UTF-16 units", () => {
  expect(textLength(" 😀字 ")).toBe(2);
});
