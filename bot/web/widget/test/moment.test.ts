import { expect, test } from "vitest";
import { amount } from "../src/amount";
import { dayOf, stampOf, timeOf } from "../src/moment";

const now = new Date(2026, 10, 5, 12, 0);
const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

test("days are named from the reader's calendar", () => {
  expect(dayOf(at(2026, 10, 5, 0, 1), "zh-CN", now)).toBe("今天");
  expect(dayOf(at(2026, 10, 4, 23, 59), "en", now)).toBe("Yesterday");
  expect(dayOf(at(2026, 0, 2, 9, 0), "zh-CN", now)).toBe("1月2日");
  expect(dayOf(at(2025, 11, 31, 9, 0), "zh-CN", now)).toBe("2025年12月31日");
});

test("midnight is 00, not 24", () => {
  expect(timeOf(at(2026, 10, 5, 0, 5), "en")).toBe("00:05");
});

test("what is no ISO time is left as the server wrote it", () => {
  expect(stampOf("11-05 12:30", "zh-CN")).toBe("11-05 12:30");
  expect(stampOf(at(2026, 10, 5, 12, 30), "zh-CN")).toBe("11/05 12:30");
  expect([dayOf("", "en"), timeOf("never", "en")]).toEqual(["", ""]);
});

test.each([
  [299, "¥299.00"],
  ["89.5", "¥89.50"],
  [0, "¥0.00"],
  ["面议", "面议"],
  ["", ""],
])("the amount %j is shown as %s", (value, shown) => {
  expect(amount(value)).toBe(shown);
});
