import { expect, test } from "vitest";
import { MessageLog } from "../src/message-log";
import { messageOf } from "./fake-gateway";

const say = (seq: number, text = `text ${seq}`) => messageOf({ id: `m${seq}`, seq, text });

test("keeps the order of seq whatever the order of arrival", () => {
  const log = new MessageLog();
  for (const seq of [3, 1, 2]) log.add(say(seq));
  expect(log.messages.map((message) => message.seq)).toEqual([1, 2, 3]);
});

test("takes each message once and tells whether it was new", () => {
  const log = new MessageLog();
  expect(log.add(say(1))).toBe(true);
  expect(log.add(say(1))).toBe(false);
  expect(log.messages).toHaveLength(1);
});

test("the cursor stays before a gap and jumps when it closes", () => {
  const log = new MessageLog();
  log.add(say(1));
  log.add(say(4));
  expect([log.cursor, log.hasGap]).toEqual([1, true]);
  log.add(say(3));
  log.add(say(2));
  expect([log.cursor, log.hasGap]).toEqual([4, false]);
});

test("a gap that the server does not fill is no gap", () => {
  const log = new MessageLog();
  log.add(say(1));
  log.add(say(3));
  log.completeUpTo(3);
  expect([log.cursor, log.hasGap]).toEqual([3, false]);
});

test("what arrived early beyond such a gap counts at once", () => {
  const log = new MessageLog();
  log.add(say(5));
  log.completeUpTo(4);
  expect([log.cursor, log.hasGap]).toEqual([5, false]);
});

test("a rating changes the message and nothing else", () => {
  const log = new MessageLog();
  log.add(say(1));
  log.add(say(2));
  log.setRating("m1", "down");
  log.setRating("unknown", "up");
  expect(log.messages.map((message) => message.rating)).toEqual(["down", null]);
});
