import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GAP_PATIENCE_MS, POLL_EVERY_MS } from "../src/chat-client";
import { ACCEPTED_WITHIN_MS } from "../src/stream";
import { FakeBrowser, settle, texts } from "./client-setup";
import { FakeGateway } from "./fake-gateway";

let gateway: FakeGateway;
let browser: FakeBrowser;

beforeEach(() => {
  vi.useFakeTimers();
  gateway = new FakeGateway();
  browser = new FakeBrowser();
});
afterEach(() => void vi.useRealTimers());

/** A page whose client is online. */
async function online() {
  const page = browser.open(gateway);
  page.client.start();
  await settle();
  expect(page.client.connection).toBe("online");
  return page;
}

const posts = () => gateway.calls.filter((call) => call === "POST /sessions").length;

describe("sending", () => {
  test("an own message shows at once, and is confirmed once", async () => {
    const { client } = await online();
    client.sendText("多久发货？");
    expect(client.outgoing.map((item) => [item.shownText, item.failure])).toEqual([["多久发货？", null]]);
    await settle();
    expect(client.outgoing).toEqual([]);
    expect(texts(client)).toEqual(["多久发货？"]);
    gateway.socket.push({ type: "message", message: gateway.conversation.messages[0] });
    expect(texts(client)).toEqual(["多久发货？"]);
  });

  test("the server's push may come before its acknowledgement", async () => {
    const { client } = await online();
    gateway.acknowledges = false;
    client.sendText("您好");
    await settle();
    const [frame] = gateway.socket.framesOf("message") as { client_message_id: string; text: string }[];
    const accepted = gateway.accept(gateway.conversation, frame!);
    gateway.socket.push({ type: "message", message: { ...gateway.conversation.messages[0], text: "您好。" } });
    expect([texts(client), client.outgoing]).toEqual([["您好。"], []]);
    gateway.socket.push({ type: "accepted", client_message_id: frame!.client_message_id, ...accepted });
    expect(texts(client)).toEqual(["您好。"]);
  });

  test("what is written before the connection stands is sent in order, once", async () => {
    const { client } = browser.open(gateway);
    client.sendText("一");
    client.sendText("二");
    await settle();
    expect(texts(client)).toEqual(["一", "二"]);
    expect(gateway.socket.framesOf("message")).toHaveLength(2);
  });

  test("a refused message stays, and goes again only when the customer says so", async () => {
    const { client } = await online();
    gateway.refusal = { status: 429, code: "rate_limited" };
    client.sendText("快点");
    await settle();
    expect(client.outgoing.map((item) => item.failure)).toEqual(["rate_limited"]);
    gateway.refusal = null;
    gateway.socket.drop();
    await settle(1_000);
    expect([client.connection, texts(client)]).toEqual(["online", []]);
    client.retry(client.outgoing[0]!.clientMessageId);
    await settle();
    expect([texts(client), client.outgoing]).toEqual([["快点"], []]);
  });

  test("a discarded message is gone", async () => {
    const { client } = await online();
    gateway.refusal = { status: 422, code: "text_too_long" };
    client.sendText("长");
    await settle();
    client.discard(client.outgoing[0]!.clientMessageId);
    expect(client.outgoing).toEqual([]);
  });

  test("a button sends its token and counts as used until the press is refused", async () => {
    const { client } = await online();
    const offer = gateway.say("要退款吗？", { buttons: [{ title: "是", token: "sealed" }] });
    gateway.refusal = { status: 422, code: "button_expired" };
    client.press(offer.id, offer.buttons[0]!);
    expect(client.pressed.has(offer.id)).toBe(true);
    await settle();
    expect(gateway.socket.framesOf("message")[0]).toMatchObject({ button_token: "sealed" });
    expect(client.pressed.has(offer.id)).toBe(false);
    expect(client.outgoing[0]?.failure).toBe("button_expired");
  });
});

describe("connection", () => {
  test("comes back after a break with growing waits and asks only for what is missing", async () => {
    const { client, arrived } = await online();
    gateway.say("一");
    gateway.isReachable = false;
    gateway.socket.drop();
    gateway.say("二", { push: false });
    await settle();
    expect(client.connection).toBe("reconnecting");
    const before = gateway.calls.length;
    await settle(500 + 1_000 + 2_000);
    expect(gateway.calls.length - before).toBe(3);
    gateway.isReachable = true;
    await settle(4_000);
    expect([client.connection, texts(client)]).toEqual(["online", ["一", "二"]]);
    expect(gateway.socket.framesOf("hello")[0]).toMatchObject({ after: 2 });
    expect(arrived.map((message) => message.text)).toEqual(["一", "二"]);
  });

  test("the network's return ends the wait at once", async () => {
    const { client } = await online();
    gateway.isReachable = false;
    gateway.socket.drop();
    await settle(60_000);
    gateway.isReachable = true;
    client.wake();
    await settle();
    expect(client.connection).toBe("online");
  });

  test("unacknowledged messages go again with the same id and are stored once", async () => {
    const { client } = await online();
    gateway.acknowledges = false;
    client.sendText("我要退款");
    await settle();
    const [first] = gateway.socket.framesOf("message") as { client_message_id: string; text: string }[];
    gateway.accept(gateway.conversation, first!); // the server has it; only its word was lost
    gateway.acknowledges = true;
    gateway.socket.drop();
    await settle(500);
    expect(gateway.conversation.messages).toHaveLength(1);
    expect([texts(client), client.outgoing]).toEqual([["我要退款"], []]);
  });

  test("a server that reads and does not acknowledge is left, and gets the message again", async () => {
    const { client } = await online();
    gateway.acknowledges = false;
    client.sendText("在吗");
    await settle(ACCEPTED_WITHIN_MS);
    gateway.acknowledges = true;
    await settle(1_000);
    expect(gateway.sockets.length).toBe(2);
    expect(gateway.socket.framesOf("message")[0]).toMatchObject({ text: "在吗" });
    expect(texts(client)).toEqual(["在吗"]);
  });

  test("messages that come doubled and out of order are shown once and in order", async () => {
    const { client } = await online();
    const [one, two, three] = ["一", "二", "三"].map((text) => gateway.say(text, { push: false }));
    for (const message of [three, one, three, two, one]) gateway.socket.push({ type: "message", message });
    expect(texts(client)).toEqual(["一", "二", "三"]);
    expect(gateway.socket.framesOf("ack").at(-1)).toEqual({ type: "ack", seq: 3 });
  });

  test("a message that the push has lost is read over REST", async () => {
    const { client } = await online();
    gateway.say("一", { push: false });
    gateway.say("二");
    expect(texts(client)).toEqual(["二"]);
    await settle(GAP_PATIENCE_MS);
    expect(texts(client)).toEqual(["一", "二"]);
  });

  test("a server that welcomes and hangs up again is not stormed", async () => {
    await online();
    for (let round = 0; round < 5; round += 1) {
      gateway.socket.drop();
      await settle(500 * 2 ** round - 1);
      expect(gateway.sockets.length).toBe(round + 1);
      await settle(1);
      expect(gateway.sockets.length).toBe(round + 2);
    }
  });

  test("typing shows until the answer comes or the connection breaks", async () => {
    const { client } = await online();
    gateway.socket.push({ type: "typing", on: true });
    expect(client.typing).toBe(true);
    gateway.say("来了");
    expect(client.typing).toBe(false);
    gateway.socket.push({ type: "typing", on: true });
    gateway.socket.drop();
    await settle();
    expect(client.typing).toBe(false);
  });

  test("a stopped client does nothing more", async () => {
    const { client } = await online();
    client.stop();
    const calls = gateway.calls.length;
    await settle(120_000);
    expect([gateway.calls.length, gateway.sockets.length, client.connection]).toEqual([calls, 1, "idle"]);
  });
});

describe("without WebSocket", () => {
  beforeEach(() => void (gateway.socketsWork = false));

  test("sends over REST and polls for answers", async () => {
    const { client } = browser.open(gateway);
    client.start();
    await settle();
    expect(client.connection).toBe("polling");
    client.sendText("运费怎么算？");
    await settle();
    expect(gateway.calls).toContain("POST /conversations/c2/messages");
    gateway.say("满 59 元包邮", { push: false });
    await settle(POLL_EVERY_MS);
    expect([texts(client), client.outgoing]).toEqual([["运费怎么算？", "满 59 元包邮"], []]);
  });

  test("keeps the order of messages written in a hurry", async () => {
    const { client } = browser.open(gateway);
    client.start();
    await settle();
    for (const text of ["一", "二", "三"]) client.sendText(text);
    await settle();
    expect(texts(client)).toEqual(["一", "二", "三"]);
    expect(gateway.calls.filter((call) => call.endsWith("/messages") && call.startsWith("POST"))).toHaveLength(3);
  });

  test("goes back to WebSocket when it works again, and stops polling", async () => {
    const { client } = browser.open(gateway);
    client.start();
    await settle(5_000);
    gateway.socketsWork = true;
    await settle(16_000);
    expect(client.connection).toBe("online");
    const calls = gateway.calls.length;
    await settle(10 * POLL_EVERY_MS);
    expect(gateway.calls.length).toBe(calls);
  });

  test("a refused message is marked, the next one still goes", async () => {
    const { client } = browser.open(gateway);
    client.start();
    await settle();
    gateway.refusal = { status: 422, code: "text_empty" };
    client.sendText("\u2800");
    await settle();
    gateway.refusal = null;
    client.sendText("您好");
    await settle();
    expect(client.outgoing.map((item) => item.failure)).toEqual(["text_empty"]);
    expect(texts(client)).toEqual(["您好"]);
  });

  test("a server in trouble keeps the message waiting and gets it later", async () => {
    const { client } = browser.open(gateway);
    client.start();
    await settle();
    gateway.refusal = { status: 503, code: "unavailable" };
    client.sendText("您好");
    await settle(POLL_EVERY_MS);
    expect(client.outgoing.map((item) => item.failure)).toEqual([null]);
    gateway.refusal = null;
    await settle(60_000);
    expect([texts(client), client.outgoing]).toEqual([["您好"], []]);
  });

  test("an expired token is replaced while polling and no message is lost", async () => {
    const { client } = browser.open(gateway);
    client.start();
    await settle();
    gateway.tokens.clear();
    client.sendText("还在吗");
    await settle(2 * POLL_EVERY_MS);
    expect(client.connection).toBe("polling");
    expect([texts(client), client.outgoing]).toEqual([["还在吗"], []]);
    expect(posts()).toBe(2);
  });

  test("polling and connecting that find the token expired together make one new session", async () => {
    gateway.latencyMs = 900;
    const { client } = browser.open(gateway);
    client.start();
    await settle(6_000);
    expect(client.connection).toBe("polling");
    gateway.tokens.clear();
    for (let tick = 0; tick < 60; tick += 1) {
      client.wake(); // so that an attempt to connect falls into every moment of a round of polling
      await settle(100);
    }
    expect([client.connection, posts()]).toEqual(["polling", 2]);
  });

  test("a policy that forbids the socket is the same as one that fails", async () => {
    gateway.openSocket = () => {
      throw new DOMException("blocked", "SecurityError");
    };
    const { client } = browser.open(gateway);
    client.start();
    await settle();
    expect(client.connection).toBe("polling");
  });
});

describe("session", () => {
  test("a reload shows the history, which is no news", async () => {
    const first = await online();
    first.client.sendText("您好");
    await settle();
    for (let count = 0; count < 150; count += 1) gateway.say(`第 ${count} 条`);
    first.client.stop();
    const { client, arrived } = await online();
    expect(client.messages).toHaveLength(151);
    expect([arrived, posts()]).toEqual([[], 1]);
  });

  test("a reload sends what was not acknowledged before it", async () => {
    const first = await online();
    gateway.acknowledges = false;
    first.client.sendText("重要的话");
    await settle();
    first.client.stop();
    gateway.acknowledges = true;
    const { client } = await online();
    await settle();
    expect([texts(client), gateway.conversation.messages.length]).toEqual([["重要的话"], 1]);
  });

  test("an expired token gives a new session, and the unsent message goes with it", async () => {
    const { client, identityLost } = await online();
    gateway.say("旧的");
    gateway.tokens.clear();
    gateway.conversations.clear();
    gateway.acknowledges = false;
    client.sendText("新的");
    gateway.acknowledges = true;
    gateway.socket.drop();
    await settle(500);
    expect([client.connection, texts(client), posts()]).toEqual(["online", ["新的"], 2]);
    expect(identityLost).not.toHaveBeenCalled();
  });

  test("a forged token in the store is replaced", async () => {
    const { memory } = browser.open(gateway);
    memory.writeSession({ token: "forged", conversationId: "c9", customer: null });
    const { client } = await online();
    expect([client.messages, posts()]).toEqual([[], 1]);
    expect(memory.readSession()?.token).not.toBe("forged");
  });

  test("a conversation that is gone is replaced within the same session", async () => {
    const first = await online();
    first.client.stop();
    gateway.conversations.clear();
    const { client } = await online();
    client.sendText("您好");
    await settle();
    expect([texts(client), posts()]).toEqual([["您好"], 1]);
  });

  test("a server that refuses every session is asked with growing waits", async () => {
    const page = browser.open(gateway);
    gateway.newToken = () => "never valid";
    page.client.start();
    await settle(3_400);
    expect(page.client.connection).toBe("reconnecting");
    expect(posts()).toBeLessThanOrEqual(9);
  });

  test("a login keeps the conversation and changes the token", async () => {
    const { client, memory } = await online();
    gateway.say("请先登录");
    const before = memory.readSession()?.token;
    gateway.identities.set("signed", { id: "C1001", name: "林晓雨" });
    await client.identify("signed");
    expect(texts(client)).toEqual(["请先登录"]); // and it has not gone for a moment, either
    await settle();
    expect(client.customer).toEqual({ id: "C1001", name: "林晓雨" });
    expect([texts(client), client.connection]).toEqual([["请先登录"], "online"]);
    expect(gateway.socket.framesOf("hello")[0]?.token).toBe(memory.readSession()?.token);
    expect(memory.readSession()?.token).not.toBe(before);
  });

  test("a refused login changes nothing", async () => {
    const { client, memory } = await online();
    gateway.say("您好");
    const before = memory.readSession();
    await expect(client.identify("forged")).rejects.toMatchObject({ status: 403, code: "identity_invalid" });
    await settle();
    expect([memory.readSession(), texts(client), client.connection]).toEqual([before, ["您好"], "online"]);
  });

  test("a login before the chat was ever opened is kept for when it is", async () => {
    gateway.identities.set("signed", { id: "C1001", name: "林晓雨" });
    const { client } = browser.open(gateway);
    await client.identify("signed");
    expect([client.connection, gateway.sockets.length]).toEqual(["idle", 0]);
    client.start();
    await settle();
    expect([client.customer?.id, client.connection, posts()]).toEqual(["C1001", "online", 1]);
  });

  test("a login with an expired session starts a new one by itself", async () => {
    gateway.identities.set("signed", { id: "C1001", name: "林晓雨" });
    const { client, memory } = browser.open(gateway);
    memory.writeSession({ token: "expired", conversationId: "c9", customer: null });
    const page = browser.open(gateway);
    await page.client.identify("signed");
    expect(page.client.customer?.id).toBe("C1001");
    expect(client.customer).toBeNull();
  });

  test("an identified session that expires is reported, so that the page can log in again", async () => {
    const { client, identityLost } = await online();
    gateway.identities.set("signed", { id: "C1001", name: "林晓雨" });
    await client.identify("signed");
    await settle();
    gateway.tokens.clear();
    gateway.socket.drop();
    await settle(500);
    expect(identityLost).toHaveBeenCalledOnce();
    expect([client.customer, client.connection]).toEqual([null, "online"]);
  });

  test("a logout leaves nothing of the customer behind", async () => {
    const { client, memory } = await online();
    gateway.say("您的订单…");
    const before = memory.readSession();
    await client.logout();
    await settle();
    expect([texts(client), client.customer]).toEqual([[], null]);
    expect(memory.readSession()?.token).not.toBe(before?.token);
    expect(memory.readSession()?.conversationId).not.toBe(before?.conversationId);
  });

  test("a logout takes unsent messages along", async () => {
    const { client } = await online();
    gateway.acknowledges = false;
    client.sendText("我的电话是……");
    await client.logout();
    gateway.acknowledges = true;
    await settle();
    expect([client.outgoing, texts(client), gateway.socket.framesOf("message")]).toEqual([[], [], []]);
  });

  describe("with a message waiting", () => {
    const customers = { lin: { id: "C1001", name: "林晓雨" }, zhou: { id: "C1002", name: "周明" } };

    /** A customer whose message the server does not take; afterwards it takes everything again. */
    async function waiting(identity: "lin" | null) {
      for (const [signed, customer] of Object.entries(customers)) gateway.identities.set(signed, customer);
      const page = await online();
      if (identity) await page.client.identify(identity);
      await settle();
      gateway.acknowledges = false;
      page.client.sendText("我的电话是……");
      await settle();
      gateway.acknowledges = true;
      return page;
    }
    const stored = () => [...gateway.conversations.values()].flatMap((one) => one.messages.map((message) => message.text));

    test("a visitor who logs in keeps it", async () => {
      const { client } = await waiting(null);
      await client.identify("lin");
      await settle();
      expect([client.outgoing, texts(client)]).toEqual([[], ["我的电话是……"]]);
    });

    test("the same customer's new session keeps it", async () => {
      const { client } = await waiting("lin");
      await client.identify("lin");
      await settle();
      expect([client.outgoing, texts(client)]).toEqual([[], ["我的电话是……"]]);
    });

    test("another customer neither sees nor sends it, with no logout in between", async () => {
      const { client, memory } = await waiting("lin");
      await client.identify("zhou");
      expect(client.outgoing).toEqual([]);
      await settle();
      expect([client.customer?.id, client.connection, stored(), memory.readOutbox().items]).toEqual(["C1002", "online", [], []]);
    });

    test("what a visitor wrote before logging in is the customer's, and not the next one's", async () => {
      const { client } = await waiting(null);
      gateway.acknowledges = false;
      await client.identify("lin");
      await settle();
      expect(client.outgoing).toHaveLength(1);
      gateway.acknowledges = true;
      await client.identify("zhou");
      await settle();
      expect([client.outgoing, stored()]).toEqual([[], []]);
    });

    test("a refused login keeps it", async () => {
      const { client } = await waiting("lin");
      await expect(client.identify("forged")).rejects.toMatchObject({ status: 403 });
      await settle();
      expect([client.outgoing, texts(client)]).toEqual([[], ["我的电话是……"]]);
    });

    test.each(["logout", "zhou"])("another tab's change of customer (%s) takes it along", async (change) => {
      const { client } = await waiting("lin");
      const other = browser.openTab(gateway);
      await (change === "logout" ? other.client.logout() : other.client.identify(change));
      client.adoptStoredSession();
      await settle();
      expect([client.outgoing, client.connection, stored()]).toEqual([[], "online", []]);
    });

    test("a page that was left while another tab changed the customer does not send it when it comes back", async () => {
      const { client } = await waiting("lin");
      client.stop();
      await browser.openTab(gateway).client.identify("zhou");
      const back = await online();
      expect([back.client.customer?.id, back.client.outgoing, stored()]).toEqual(["C1002", [], []]);
    });

    test("a page of the same customer sends it after a reload", async () => {
      const { client } = await waiting("lin");
      client.stop();
      const back = await online();
      await settle();
      expect([back.client.outgoing, texts(back.client)]).toEqual([[], ["我的电话是……"]]);
    });

    test("a customer's session that has expired does not leave it to the next visitor", async () => {
      const { client, identityLost } = await waiting("lin");
      gateway.tokens.clear();
      gateway.socket.drop();
      await settle(500);
      expect(identityLost).toHaveBeenCalledOnce();
      expect([client.outgoing, client.connection, stored()]).toEqual([[], "online", []]);
    });
  });

  test("login and logout in quick succession end as the last one says", async () => {
    const { client } = await online();
    gateway.identities.set("signed", { id: "C1001", name: "林晓雨" });
    await Promise.all([client.identify("signed"), client.logout(), client.identify("signed"), client.logout()]);
    await settle();
    expect([client.customer, client.connection]).toEqual([null, "online"]);
  });

  test("another tab's login is followed", async () => {
    const first = await online();
    gateway.say("您好");
    gateway.identities.set("signed", { id: "C1001", name: "林晓雨" });
    const second = browser.open(gateway);
    await second.client.identify("signed");
    first.client.adoptStoredSession();
    await settle();
    expect([first.client.customer?.id, first.client.connection, texts(first.client)]).toEqual(["C1001", "online", ["您好"]]);
  });
});

describe("rating", () => {
  test("a thumb shows at once and is stored", async () => {
    const { client } = await online();
    const answer = gateway.say("满 59 元包邮", { ratable: true });
    const done = client.rateMessage(answer.id, "up");
    expect(client.messages[0]?.rating).toBe("up");
    await done;
    expect(gateway.conversation.messages[0]?.rating).toBe("up");
  });

  test("a thumb that the server refuses is taken back", async () => {
    const { client } = await online();
    const answer = gateway.say("转接中", { ratable: false });
    await expect(client.rateMessage(answer.id, "down")).rejects.toMatchObject({ code: "not_ratable" });
    expect(client.messages[0]?.rating).toBeNull();
  });

  test("a rating without a conversation says what to do", async () => {
    const { client } = browser.open(gateway);
    await expect(client.rateConversation(5, "")).rejects.toThrow("start()");
  });
});
