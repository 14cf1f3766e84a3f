import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ChatElement } from "../src/chat-element";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const readme = read("README.md");
const sources = ["widget/src", "demo"]
  .flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}`))
  .filter((path) => /\.(ts|html)$/.test(path))
  .map(read)
  .join("\n");

/** `card-${kind}` and the like are written in the README with … for the part that varies. */
function testIds(): string[] {
  const plain = [...sources.matchAll(/data-testid="([\w-]+)"/g)].map((match) => match[1]!);
  const composed = [...sources.matchAll(/data-testid=\$\{`([\w-]+-)\$\{[^}]+\}`\}/g)].map((match) => `${match[1]}…`);
  return [...new Set([...plain, ...composed])].sort();
}

test("the README lists every test id, and no other", () => {
  const section = readme.split("## Hooks for tests")[1]?.split("\n## ")[0] ?? "";
  const listed = [...section.matchAll(/^\| `([\w-]+…?)`/gm)].map((match) => match[1]!);
  expect(testIds().length).toBeGreaterThan(20);
  expect(listed.sort()).toEqual(testIds());
});

test("the README describes every attribute, method and event of the element", () => {
  const attributes = Object.entries(ChatElement.properties).filter(([, options]) => !("state" in (options as object)));
  for (const [attribute] of attributes) expect(readme).toContain(`| \`${attribute}\``);
  for (const method of ["open", "close", "identify", "logout"] as const) {
    expect(ChatElement.prototype[method]).toBeTypeOf("function");
    expect(readme).toContain(`\`${method}(`);
  }
  for (const [, event] of sources.matchAll(/(?:tell|super\.tell)\("(yingda-[\w-]+)"/g)) expect(readme).toContain(`| \`${event}\``);
});
