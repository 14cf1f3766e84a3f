import { expect, test } from "vitest";
import { transcript } from "../src/transcript";
import { messageOf } from "./fake-gateway";

const buttons = [{ title: "是", token: "t1" }];
const none: ReadonlySet<string> = new Set();
const live = (...args: Parameters<typeof transcript>) =>
  transcript(...args).map((entry) => entry.kind === "message" && entry.buttonsLive);

test("buttons of the newest answer are live, older ones not", () => {
  const first = messageOf({ id: "b1", seq: 2, reply_to: "q1", buttons });
  const second = messageOf({ id: "b2", seq: 4, reply_to: "q2", buttons });
  expect(live([first], [], none)).toEqual([true]);
  expect(live([first, second], [], none)).toEqual([false, true]);
});

test("another bubble of the same answer leaves the buttons live", () => {
  const first = messageOf({ id: "b1", seq: 2, reply_to: "q1", buttons });
  const second = messageOf({ id: "b2", seq: 3, reply_to: "q1" });
  expect(live([first, second], [], none)[0]).toBe(true);
});

test("an agent's message makes the bot's buttons old", () => {
  const first = messageOf({ id: "b1", seq: 2, reply_to: "q1", buttons });
  expect(live([first, messageOf({ id: "a1", seq: 3, sender: "agent" })], [], none)[0]).toBe(false);
});

test("a used button is not live", () => {
  expect(live([messageOf({ id: "b1", reply_to: "q1", buttons })], [], new Set(["b1"]))).toEqual([false]);
});

test("a message keeps its key when the server confirms it", () => {
  const outgoing = { clientMessageId: "k1", content: { text: "a" }, shownText: "a", writtenAt: "", failure: null };
  const before = transcript([], [outgoing], none)[0]?.key;
  const after = transcript([messageOf({ sender: "customer", client_message_id: "k1" })], [], none)[0]?.key;
  expect(after).toBe(before);
});
