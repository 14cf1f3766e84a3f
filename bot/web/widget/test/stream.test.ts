import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ACCEPTED_WITHIN_MS, PING_EVERY_MS, PONG_WITHIN_MS, type Socket, Stream, WELCOME_WITHIN_MS } from "../src/stream";
import { settle } from "./client-setup";

class ScriptedSocket implements Socket {
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  readonly sent: { type: string }[] = [];
  send = (data: string): void => void this.sent.push(JSON.parse(data));
  close = vi.fn();
  receive(data: unknown): void {
    this.onmessage?.(new MessageEvent("message", { data: typeof data === "string" ? data : JSON.stringify(data) }));
  }
}

function opened() {
  const socket = new ScriptedSocket();
  const events = { message: vi.fn(), accepted: vi.fn(), refused: vi.fn(), typing: vi.fn() };
  const stream = new Stream("wss://chat.example/stream", "token", 4, events, () => socket);
  socket.onopen?.(new Event("open"));
  let isOver = false;
  void stream.ended.then(() => (isOver = true));
  return { socket, events, stream, over: async () => (await settle(), isOver) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("says hello first, with token and cursor", () => {
  expect(opened().socket.sent).toEqual([{ type: "hello", token: "token", after: 4 }]);
});

test("a server that does not welcome in time is given up", async () => {
  const { stream, over } = opened();
  const outcome = expect(stream.welcomed).rejects.toThrow("welcome");
  await settle(WELCOME_WITHIN_MS);
  await outcome;
  expect(await over()).toBe(true);
});

test("an error before the welcome ends the connection", async () => {
  const { socket, stream, over } = opened();
  socket.receive({ type: "error", error: { code: "token_expired", message: "" } });
  await expect(stream.welcomed).rejects.toThrow();
  expect(await over()).toBe(true);
});

test("pings, and ends a connection that answers nothing", async () => {
  const { socket, over } = opened();
  socket.receive({ type: "welcome", last_seq: 4 });
  await settle(PING_EVERY_MS);
  expect(socket.sent.at(-1)).toEqual({ type: "ping" });
  socket.receive({ type: "pong" });
  await settle(PONG_WITHIN_MS);
  expect(await over()).toBe(false);
  await settle(PING_EVERY_MS + PONG_WITHIN_MS);
  expect(await over()).toBe(true);
  expect(socket.close).toHaveBeenCalledOnce();
});

test("a message that is not acknowledged in time ends the connection", async () => {
  const { socket, stream, over } = opened();
  socket.receive({ type: "welcome", last_seq: 4 });
  stream.send("k1", { text: "a" });
  stream.send("k2", { text: "b" });
  socket.receive({ type: "accepted", client_message_id: "k1", message_id: "m5", seq: 5, duplicate: false });
  await settle(ACCEPTED_WITHIN_MS);
  expect(await over()).toBe(true);
});

test("noise on the line is ignored", () => {
  const { socket, events } = opened();
  for (const noise of ["", "{", "null", "7", "[]", '{"type":"something new"}', '{"kind":"message"}']) socket.receive(noise);
  expect(events.message).not.toHaveBeenCalled();
  socket.receive({ type: "typing", on: true });
  expect(events.typing).toHaveBeenCalledWith(true);
});

test("a refusal names its message", () => {
  const { socket, events } = opened();
  socket.receive({ type: "welcome", last_seq: 4 });
  socket.receive({ type: "error", error: { code: "rate_limited", message: "" }, client_message_id: "k1" });
  expect(events.refused).toHaveBeenCalledWith("k1", { code: "rate_limited", message: "" });
});

test("nothing is heard after the end", () => {
  const { socket, stream, events } = opened();
  stream.close();
  socket.receive({ type: "typing", on: true });
  expect(events.typing).not.toHaveBeenCalled();
});
