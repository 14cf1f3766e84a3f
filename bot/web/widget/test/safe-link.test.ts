import { expect, test } from "vitest";
import { safeLink } from "../src/safe-link";

const server = "https://chat.example";

test.each([
  ["/articles/shipping", "https://chat.example/articles/shipping"],
  ["https://shop.example/help?a=1", "https://shop.example/help?a=1"],
  ["http://shop.example/", "http://shop.example/"],
])("%s becomes a link", (url, href) => {
  expect(safeLink(url, server)).toBe(href);
});

test.each([
  null,
  undefined,
  "",
  "javascript:alert(1)",
  " javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "//evil.example/a",
  "/\\evil.example",
  "https:\\\\evil.example",
  "https:///",
  "articles/relative",
  "ftp://shop.example/",
])("%j stays text", (url) => {
  expect(safeLink(url, server)).toBeNull();
});
