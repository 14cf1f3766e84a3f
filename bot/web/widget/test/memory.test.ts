// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { Memory } from "../src/memory";
import { Outbox } from "../src/outbox";
import { MemoryStore } from "./memory-store";

const session = { token: "t", conversationId: "c", customer: { id: "C1", name: "林晓雨" } };

test("a session comes back, for its own server only", () => {
  const local = new MemoryStore();
  new Memory("https://one.example", local, new MemoryStore()).writeSession(session);
  expect(new Memory("https://one.example", local, new MemoryStore()).readSession()).toEqual(session);
  expect(new Memory("https://two.example", local, new MemoryStore()).readSession()).toBeNull();
});

test.each(["", "{", "null", "[]", '{"token":7}', '{"token":""}'])("what is no session (%s) counts as none", (text) => {
  const local = new MemoryStore();
  const memory = new Memory("https://one.example", local, new MemoryStore());
  local.setItem(memory.sessionKey, text);
  expect(memory.readSession()).toBeNull();
});

test("an outbox that somebody has damaged loses only what is damaged", () => {
  const tab = new MemoryStore();
  const memory = new Memory("https://one.example", new MemoryStore(), tab);
  const outbox = new Outbox(memory.readOutbox(), (stored) => memory.writeOutbox(stored));
  outbox.belongTo("C1");
  const item = outbox.add({ text: "您好" }, "您好");
  const [key, text] = [...tab.values][0]!;
  tab.setItem(key, text.replace("[", '[7,{"shownText":"x"},'));
  expect(memory.readOutbox()).toEqual({ customerId: "C1", items: [item] });
});

test.each(["", "{", "null", "[]", "{}", '{"items":7}'])("what is no outbox (%s) counts as an empty one", (text) => {
  const tab = new MemoryStore();
  const memory = new Memory("https://one.example", new MemoryStore(), tab);
  tab.setItem("yingda:https://one.example:outbox", text);
  expect(memory.readOutbox()).toEqual({ customerId: null, items: [] });
});

test.each([
  [null, "C1", 1],
  [null, null, 1],
  ["C1", "C1", 1],
  ["C1", "C2", 0],
  ["C1", null, 0],
] as const)("an outbox that goes from %s to %s keeps %i messages, after a reload as well", (before, after, kept) => {
  const memory = new Memory("https://one.example", new MemoryStore(), new MemoryStore());
  const outbox = new Outbox(memory.readOutbox(), (stored) => memory.writeOutbox(stored));
  outbox.belongTo(before);
  outbox.add({ text: "您好" }, "您好");
  outbox.belongTo(after);
  expect([outbox.all.length, memory.readOutbox().items.length]).toEqual([kept, kept]);
});

test("works, until the reload, where the browser forbids storage", () => {
  const forbidden = vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  const memory = new Memory("https://one.example");
  memory.writeSession(session);
  expect(memory.readSession()).toEqual(session);
  forbidden.mockRestore();
});

test("a full store does not stop the chat", () => {
  const full = new MemoryStore();
  full.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  expect(() => new Memory("https://one.example", full, full).writeSession(session)).not.toThrow();
});
