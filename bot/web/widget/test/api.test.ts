import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Api, ApiError, Unreachable } from "../src/api";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const answering = (response: Response) => new Api("https://chat.example", async () => response);

test("an error body becomes code, status and waiting time", async () => {
  const body = JSON.stringify({ error: { code: "rate_limited", message: "slow down" } });
  const api = answering(new Response(body, { status: 429, headers: { "Retry-After": "7" } }));
  const error = await api.createSession().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "rate_limited", status: 429, retryAfterMs: 7_000, passing: true });
});

test("a proxy's error page is an error with its status", async () => {
  const api = answering(new Response("<h1>Bad Gateway</h1>", { status: 502 }));
  await expect(api.createSession()).rejects.toMatchObject({ code: "http_502", passing: true });
});

test("no answer in time counts as unreachable", async () => {
  const never = new Api(
    "https://chat.example",
    (_, init) => new Promise((_resolve, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted")))),
    1_000,
  );
  const outcome = expect(never.createSession()).rejects.toBeInstanceOf(Unreachable);
  await vi.advanceTimersByTimeAsync(1_000);
  await outcome;
});

test("a success that is not JSON counts as unreachable", async () => {
  await expect(answering(new Response("<html>", { status: 200 })).createSession()).rejects.toBeInstanceOf(Unreachable);
});

test("identifiers cannot leave their place in the path", async () => {
  let called = "";
  const api = new Api("https://chat.example", async (input) => {
    called = input;
    return new Response("{}");
  });
  await api.read("t", "../sessions?x=", 0);
  expect(called).toBe("https://chat.example/api/v1/conversations/..%2Fsessions%3Fx%3D/messages?after=0&limit=100");
});
