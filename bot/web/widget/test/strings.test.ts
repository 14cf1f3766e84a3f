import { expect, test } from "vitest";
import { failureText, languageOf, stringsOf } from "../src/strings";

test.each([
  ["", "zh-CN"],
  ["zh", "zh-CN"],
  ["zh-Hans-CN", "zh-CN"],
  ["en-GB", "en"],
  ["fr", "en"],
])("the tag %j speaks %s", (tag, language) => {
  expect(languageOf(tag)).toBe(language);
});

test("every refusal has words for the customer in both languages", () => {
  for (const language of ["zh-CN", "en"] as const) {
    const strings = stringsOf(language);
    expect(failureText(strings, "rate_limited")).toBe(strings.errors.rate_limited);
    expect(failureText(strings, "button_expired")).toBe(strings.errors.button);
    expect(failureText(strings, "internal")).toBe(strings.errors.other);
  }
});

test("both languages offer the four quick questions", () => {
  expect(stringsOf("zh-CN").quickQuestions).toEqual(["多久发货？", "运费怎么算？", "查询订单物流", "申请退款"]);
  expect(stringsOf("en").quickQuestions).toHaveLength(4);
});
