// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import "../src/embed";
import type { ChatElement } from "../src/chat-element";
import type { Message } from "../src/protocol";
import { FakeGateway } from "./fake-gateway";

let gateway: FakeGateway;
let chat: ChatElement;

beforeEach(() => {
  gateway = new FakeGateway();
  vi.stubGlobal("fetch", gateway.fetch);
  vi.stubGlobal("WebSocket", function (url: string) {
    return gateway.openSocket(url);
  });
  localStorage.clear();
  sessionStorage.clear();
  document.documentElement.lang = "zh-CN";
  chat = document.createElement("yingda-chat") as ChatElement;
  chat.server = "https://chat.example/";
  document.body.append(chat);
});

afterEach(() => {
  chat.remove();
  vi.unstubAllGlobals();
});

/** Elements with the test id, shadow trees included. */
function all(testId: string, root: ParentNode = chat.renderRoot as ShadowRoot): HTMLElement[] {
  const nested = [...root.querySelectorAll("*")].flatMap((element) => (element.shadowRoot ? all(testId, element.shadowRoot) : []));
  return [...root.querySelectorAll<HTMLElement>(`[data-testid="${testId}"]`), ...nested];
}

function one<Found extends HTMLElement = HTMLElement>(testId: string): Found {
  const found = all(testId);
  if (found.length !== 1) throw new Error(`${found.length} elements with the test id ${testId}, not 1`);
  return found[0] as Found;
}

async function drawn(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  await chat.updateComplete;
}

async function opened(): Promise<void> {
  chat.open();
  await vi.waitFor(() => expect(one("connection").dataset.state).toBe("online"));
}

async function bot(parts: Partial<Message> & { text: string }): Promise<void> {
  gateway.say(parts.text, parts);
  await drawn();
}

async function type(text: string, key: KeyboardEventInit = { key: "Enter" }): Promise<void> {
  const input = one<HTMLTextAreaElement>("input");
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await drawn();
  input.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, composed: true, cancelable: true, ...key }));
  await drawn();
}

const said = () => all("message-customer").map((row) => row.querySelector(".bubble")?.textContent);

describe("panel", () => {
  test("opens with welcome and quick questions, and the text field has the focus", async () => {
    one("launcher").click();
    await vi.waitFor(() => expect(all("quick-question")).toHaveLength(4));
    expect(one("welcome").textContent).toContain("您好");
    const composer = chat.renderRoot.querySelector("yingda-composer");
    expect((chat.renderRoot as ShadowRoot).activeElement).toBe(composer);
    expect(composer?.shadowRoot?.activeElement).toBe(one("input"));
  });

  test("asks the server for nothing before it is opened", () => {
    expect([gateway.calls, gateway.sockets]).toEqual([[], []]);
  });

  test("Escape closes what is on top, and the launcher gets the focus", async () => {
    await opened();
    one("menu").click();
    await drawn();
    const escape = () =>
      one("panel").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    escape();
    await drawn();
    expect([all("menu-items").length, all("panel").length]).toEqual([0, 1]);
    escape();
    await drawn();
    expect(all("panel")).toEqual([]);
    expect((chat.renderRoot as ShadowRoot).activeElement).toBe(one("launcher"));
  });

  test("every button has a name for screen readers and the log announces politely", async () => {
    await opened();
    await bot({ text: "满 59 元包邮", ratable: true, buttons: [{ title: "好", token: "t" }] });
    for (const id of ["menu", "close", "send", "thumb-up", "thumb-down"]) expect(one(id).getAttribute("aria-label")).toBeTruthy();
    const log = chat.renderRoot.querySelector('[role="log"]');
    expect([log?.getAttribute("aria-live"), log?.getAttribute("aria-busy")]).toEqual(["polite", "false"]);
  });

  test("speaks the language of its attribute, else of the document", async () => {
    expect(one("launcher").getAttribute("aria-label")).toBe("打开在线客服");
    chat.language = "en";
    await drawn();
    expect(one("launcher").getAttribute("aria-label")).toBe("Open customer service chat");
  });

  test("counts what arrives while it is closed", async () => {
    await opened();
    chat.close();
    await drawn();
    gateway.say("还在吗？");
    gateway.say("我等您");
    await drawn();
    expect(one("unread").textContent).toBe("2");
    expect(one("launcher").getAttribute("aria-label")).toContain("2 条新消息");
    chat.open();
    chat.close();
    await drawn();
    expect(all("unread")).toEqual([]);
  });

  test("says that the connection is broken", async () => {
    await opened();
    gateway.isReachable = false;
    gateway.socket.drop();
    await drawn();
    expect(one("connection").textContent).toBe("连接中断，正在重连…");
  });
});

describe("text field", () => {
  beforeEach(opened);

  test("Enter sends and empties it", async () => {
    await type("  多久发货？ ");
    expect([said(), one<HTMLTextAreaElement>("input").value]).toEqual([["多久发货？"], ""]);
    expect(all("quick-question")).toEqual([]);
  });

  test.each([
    ["Shift+Enter, a new line", { key: "Enter", shiftKey: true }],
    ["Enter while an input method composes", { key: "Enter", isComposing: true }],
    ["Enter that ends a composition in Safari", { key: "Enter", keyCode: 229 }],
  ])("%s does not send", async (_what, key) => {
    await type("ni hao", key);
    expect([said(), one<HTMLTextAreaElement>("input").value]).toEqual([[], "ni hao"]);
  });

  test("nothing visible cannot be sent", async () => {
    await type(" \n ");
    expect([said(), one<HTMLButtonElement>("send").disabled]).toEqual([[], true]);
  });

  test("the counter shows near the limit, and beyond it nothing is sent or cut", async () => {
    await type("字".repeat(399), { key: "a" });
    expect(one("counter").textContent?.trim()).toBe("");
    await type("字".repeat(400), { key: "a" });
    expect(one("counter").textContent?.trim()).toBe("400/500");
    await type("字".repeat(501));
    expect(one("counter").textContent).toContain("超出 1 个字");
    expect([said(), one<HTMLTextAreaElement>("input").value.length]).toEqual([[], 501]);
    expect(one("input").getAttribute("aria-invalid")).toBe("true");
  });

  test("a quick question is sent as plain text", async () => {
    all("quick-question")[1]!.click();
    await drawn();
    expect(gateway.socket.framesOf("message")[0]).toMatchObject({ text: "运费怎么算？" });
  });
});

describe("messages", () => {
  beforeEach(opened);

  test("markup stays text, line breaks stay line breaks", async () => {
    const text = '<img src=x onerror="alert(1)">\n<b>粗</b>';
    await bot({ text, sources: [{ entry_id: "a", title: text, kind: "article", url: "/articles/a" }] });
    await type(text);
    expect(one("message-bot").querySelector(".bubble")?.textContent).toBe(text);
    expect(one("message-bot").querySelector("img, b")).toBeNull();
    expect(one("message-customer").querySelector("img, b")).toBeNull();
  });

  test("sources are links to the server, with kind and section; an unsafe one is only text", async () => {
    await bot({
      text: "见文章",
      sources: [
        { entry_id: "a", title: "配送说明", kind: "article", section: "偏远地区", url: "/articles/a" },
        { entry_id: "b", title: "运费", kind: "template", url: "javascript:alert(1)" },
      ],
    });
    const [link, text] = all("source");
    expect(link?.getAttribute("href")).toBe("https://chat.example/articles/a");
    expect(link?.textContent).toBe("文章配送说明 · 偏远地区");
    expect([text?.tagName, text?.hasAttribute("href")]).toEqual(["SPAN", false]);
  });

  test("buttons are disabled once one is used", async () => {
    await bot({ text: "退款吗？", reply_to: "q", buttons: [{ title: "是", token: "t1" }, { title: "否", token: "t2" }] });
    const options = all("button-option") as HTMLButtonElement[];
    expect(options.map((option) => option.disabled)).toEqual([false, false]);
    options[0]!.click();
    await drawn();
    expect((all("button-option") as HTMLButtonElement[]).map((option) => option.disabled)).toEqual([true, true]);
    options[1]!.click();
    await drawn();
    expect(gateway.socket.framesOf("message")).toHaveLength(1);
  });

  test("a refused message can be sent again", async () => {
    gateway.refusal = { status: 429, code: "rate_limited" };
    await type("快点");
    expect(one("message-customer").dataset.state).toBe("failed");
    expect(one("message-customer").textContent).toContain("太频繁");
    gateway.refusal = null;
    one("retry").click();
    await drawn();
    expect(one("message-customer").dataset.state).toBe("sent");
  });

  test("thumbs only where the answer can be rated, and the choice is shown", async () => {
    await bot({ text: "请稍候" });
    expect(all("thumb-up")).toEqual([]);
    await bot({ text: "满 59 元包邮", ratable: true });
    one("thumb-down").click();
    await drawn();
    expect(one("thumb-down").getAttribute("aria-pressed")).toBe("true");
    expect(gateway.conversation.messages[1]?.rating).toBe("down");
  });

  test("typing dots come and go", async () => {
    gateway.socket.push({ type: "typing", on: true });
    await drawn();
    expect(one("typing").textContent).toContain("正在输入");
    gateway.socket.push({ type: "typing", on: false });
    await drawn();
    expect(all("typing")).toEqual([]);
  });

  test("tells the page of every new message", async () => {
    const heard: string[] = [];
    document.body.addEventListener("yingda-message", (event) => {
      heard.push((event as CustomEvent<{ message: Message }>).detail.message.text);
    });
    await bot({ text: "您好" });
    expect(heard).toEqual(["您好"]);
  });
});

describe("cards", () => {
  beforeEach(opened);

  test("an order with its parcel, newest event first and older ones folded away", async () => {
    const events = ["派送中", "到达杭州", "离开嘉兴", "已揽收"].map((text, index) => ({ at: `11-0${7 - index} 09:00`, text }));
    const parcel = { carrier: "顺丰速运", number: "YT1234567890123", events };
    const items = [{ name: "降噪耳机", quantity: 2, price: "149.50" }];
    await bot({ text: "运输中", custom: { type: "order", order_id: "YS2611050001", status: "运输中", items, total: 299, parcel } as never });
    const card = one("card-order");
    for (const part of ["YS2611050001", "运输中", "降噪耳机", "× 2", "¥149.50", "¥299.00", "YT1234567890123"]) {
      expect(card.textContent).toContain(part);
    }
    expect([...card.querySelectorAll(".events")].map((list) => list.querySelectorAll("li").length)).toEqual([3, 1]);
    expect(card.querySelector(".events li")?.textContent).toContain("派送中");
  });

  test("a list of orders is not said twice", async () => {
    const orders = [{ order_id: "YS2611050001", status: "运输中", title: "降噪耳机", total: "299.00" }];
    await bot({ text: "您最近的订单：\nYS2611050001　降噪耳机　¥299.00", custom: { type: "orders", orders } as never });
    expect(one("message-bot").querySelector(".bubble")?.textContent).toBe("您最近的订单：");
    expect(one("card-orders").textContent).toContain("YS2611050001");
  });

  test("a refund and a hand-off", async () => {
    await bot({ text: "已提交", custom: { type: "refund", refund_id: "RF26110001", order_id: "YS2611050001", amount: "388.00", status: "审核中" } as never });
    await bot({ text: "已转接", custom: { type: "handoff", hours: "每天 9:00–21:00", ticket: "H100023" } as never });
    expect(one("card-refund").textContent).toContain("¥388.00");
    expect(one("card-handoff").textContent).toContain("H100023");
  });

  test("a login card asks the page for its login, and rests once the customer is known", async () => {
    const reasons: string[] = [];
    chat.addEventListener("yingda-login-required", (event) => reasons.push((event as CustomEvent).detail.reason));
    await bot({ text: "请先登录", custom: { type: "login_required" } });
    one("login-card").click();
    expect(reasons).toEqual(["card", "button"]);
    gateway.identities.set("signed", { id: "C1001", name: "林晓雨" });
    await chat.identify("signed");
    await vi.waitFor(() => expect(one("connection").textContent).toContain("林晓雨"));
    expect(one<HTMLButtonElement>("login-card").disabled).toBe(true);
  });

  test.each([{ type: "hologram" }, { type: "orders" }, { type: "order", items: "none", parcel: {} }])(
    "an odd card (%j) breaks nothing",
    async (custom) => {
      await bot({ text: "请看", custom });
      await bot({ text: "后面的话" });
      expect(all("message-bot").map((row) => row.querySelector(".bubble")?.textContent)).toEqual(["请看", "后面的话"]);
    },
  );
});

describe("rating the conversation", () => {
  beforeEach(opened);

  test("from the menu: stars, comment, thanks", async () => {
    await bot({ text: "不客气" });
    one("menu").click();
    await drawn();
    one("rate-conversation").click();
    await drawn();
    expect(one<HTMLButtonElement>("rating-submit").disabled).toBe(true);
    one("star-4").click();
    await drawn();
    expect(["star-4", "star-5"].map((star) => one(star).getAttribute("aria-checked"))).toEqual(["true", "false"]);
    one<HTMLTextAreaElement>("rating-comment").value = "很快";
    one("rating-submit").click();
    await vi.waitFor(() => expect(one("notice").textContent).toContain("感谢您的评价"));
    expect(gateway.calls).toContain("POST /conversations/c2/rating");
    expect(all("panel")).toHaveLength(1);
  });

  test("offered when the customer ends the conversation, which it does not hold up", async () => {
    await bot({ text: "再见" });
    one("menu").click();
    await drawn();
    one("end-conversation").click();
    await drawn();
    one("rating-skip").click();
    await drawn();
    expect(all("panel")).toEqual([]);
  });

  test("a conversation in which nothing was said ends without a question", async () => {
    one("menu").click();
    await drawn();
    one("end-conversation").click();
    await drawn();
    expect([all("panel"), all("rating-form")]).toEqual([[], []]);
  });
});
