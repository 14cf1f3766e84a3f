import type { Fetch } from "../src/api";
import type { Message } from "../src/protocol";
import type { OpenSocket, Socket } from "../src/stream";

interface Conversation {
  readonly id: string;
  owner: string;
  readonly messages: Message[];
}

/** A gateway in memory: the public API as far as the widget uses it, with switches for everything that can go wrong. */
export class FakeGateway {
  readonly tokens = new Set<string>();
  readonly conversations = new Map<string, Conversation>();
  readonly sockets: FakeSocket[] = [];
  /** Every REST call, as "METHOD path". */
  readonly calls: string[] = [];
  isReachable = true;
  /** How long every REST answer takes. */
  latencyMs = 0;
  socketsWork = true;
  /** False: messages over the stream are read and never acknowledged. */
  acknowledges = true;
  /** Refuses posted and streamed messages with this error where set. */
  refusal: { status: number; code: string } | null = null;
  identities = new Map<string, { id: string; name: string }>();
  /** token → id of the customer it was made for */
  private readonly customerOf = new Map<string, string>();
  private made = 0;

  readonly fetch: Fetch = async (input, init) => {
    const url = new URL(input);
    const path = url.pathname.replace("/api/v1", "");
    this.calls.push(`${init.method} ${path}`);
    if (this.latencyMs) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    if (!this.isReachable) throw new TypeError("Failed to fetch");
    const body = init.body ? JSON.parse(String(init.body)) : {};
    const token = new Headers(init.headers).get("Authorization")?.replace("Bearer ", "") ?? "";
    if (path === "/sessions") return json(201, { token: this.newToken() });
    if (!this.tokens.has(token)) return failure(401, "token_invalid");
    if (path === "/sessions/identify") return this.identify(token, body.identity_token);
    if (path === "/conversations") return json(201, { conversation_id: this.conversationOf(token).id });
    const [, , id = "", what, messageId] = path.split("/");
    const conversation = this.conversations.get(id);
    if (!conversation || conversation.owner !== token) return failure(404, "unknown_conversation");
    if (what === "rating") return json(200, { score: body.score });
    if (messageId) return this.rate(conversation, messageId, body.value);
    if (init.method === "GET") {
      const after = Number(url.searchParams.get("after"));
      const page = conversation.messages.filter((message) => message.seq > after).slice(0, 100);
      return json(200, { messages: page, last_seq: conversation.messages.length });
    }
    if (this.refusal) return failure(this.refusal.status, this.refusal.code);
    return json(202, this.accept(conversation, body));
  };

  openSocket: OpenSocket = (url) => {
    const socket = new FakeSocket(this, url);
    this.sockets.push(socket);
    return socket;
  };

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets[this.sockets.length - 1];
    if (!socket) throw new Error("the widget has opened no socket");
    return socket;
  }

  /** The only conversation. */
  get conversation(): Conversation {
    const [conversation] = this.conversations.values();
    if (!conversation) throw new Error("the widget has opened no conversation");
    return conversation;
  }

  /** Stores a bot message and, where asked, pushes it to the open socket. */
  say(text: string, options: { push?: boolean } & Partial<Message> = {}): Message {
    const { push = true, ...rest } = options;
    const message = this.store(this.conversation, { sender: "bot", text, ...rest });
    if (push) this.socket.push({ type: "message", message });
    return message;
  }

  accept(conversation: Conversation, body: { client_message_id: string; text?: string; button_token?: string }) {
    const known = conversation.messages.find((message) => message.client_message_id === body.client_message_id);
    const message =
      known ??
      this.store(conversation, {
        sender: "customer",
        text: body.text ?? `pressed ${body.button_token}`,
        client_message_id: body.client_message_id,
      });
    return { message_id: message.id, seq: message.seq, duplicate: known !== undefined };
  }

  store(conversation: Conversation, values: Partial<Message>): Message {
    const seq = conversation.messages.length + 1;
    const message = messageOf({ id: `m${seq}`, seq, ...values });
    conversation.messages.push(message);
    return message;
  }

  conversationOf(token: string): Conversation {
    for (const conversation of this.conversations.values()) if (conversation.owner === token) return conversation;
    const conversation: Conversation = { id: `c${(this.made += 1)}`, owner: token, messages: [] };
    this.conversations.set(conversation.id, conversation);
    return conversation;
  }

  newToken(): string {
    const token = `token-${(this.made += 1)}`;
    this.tokens.add(token);
    return token;
  }

  private identify(token: string, identityToken: string): Response {
    const customer = this.identities.get(identityToken);
    if (!customer) return failure(403, "identity_invalid");
    const newToken = this.newToken();
    let conversationId: string | null = null;
    for (const conversation of this.conversations.values()) {
      // A visitor's conversation moves to the customer; a customer's own is there again; another customer's stays.
      const owner = this.customerOf.get(conversation.owner);
      if (owner === undefined ? conversation.owner !== token : owner !== customer.id) continue;
      conversation.owner = newToken;
      conversationId = conversation.id;
    }
    this.customerOf.set(newToken, customer.id);
    return json(200, { token: newToken, customer, conversation_id: conversationId });
  }

  private rate(conversation: Conversation, messageId: string, rating: "up" | "down"): Response {
    const index = conversation.messages.findIndex((message) => message.id === messageId);
    const message = conversation.messages[index];
    if (!message?.ratable) return failure(422, "not_ratable");
    conversation.messages[index] = { ...message, rating };
    return json(200, { value: rating });
  }
}

/** The client's end of one scripted WebSocket. */
export class FakeSocket implements Socket {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  isOpen = false;

  constructor(
    private readonly gateway: FakeGateway,
    readonly url: string,
  ) {
    queueMicrotask(() => {
      if (!gateway.isReachable || !gateway.socketsWork) return this.drop();
      this.isOpen = true;
      this.onopen?.(new Event("open"));
    });
  }

  send(data: string): void {
    const frame = JSON.parse(data);
    this.sent.push(frame);
    queueMicrotask(() => this.answer(frame));
  }

  close(): void {
    this.isOpen = false;
  }

  /** The server, or the network, ends the connection. */
  drop(): void {
    this.isOpen = false;
    this.onclose?.(new Event("close") as CloseEvent);
  }

  push(frame: unknown): void {
    this.onmessage?.(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  framesOf(type: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.type === type);
  }

  private answer(frame: Record<string, any>): void {
    const conversation = this.gateway.conversations.get(this.url.split("/").at(-2) ?? "");
    if (frame.type === "ping") this.push({ type: "pong" });
    if (frame.type === "hello") {
      if (!conversation || conversation.owner !== frame.token) {
        this.push({ type: "error", error: { code: "token_invalid", message: "" } });
        return this.drop();
      }
      this.push({ type: "welcome", last_seq: conversation.messages.length });
      for (const message of conversation.messages) if (message.seq > frame.after) this.push({ type: "message", message });
    }
    if (frame.type === "message" && conversation && this.gateway.acknowledges) {
      const id = frame.client_message_id;
      if (this.gateway.refusal) {
        return this.push({ type: "error", error: { code: this.gateway.refusal.code, message: "" }, client_message_id: id });
      }
      const accepted = this.gateway.accept(conversation, frame as { client_message_id: string });
      this.push({ type: "accepted", client_message_id: id, ...accepted });
    }
  }
}

/** A message with the given parts; the rest as plain as can be. */
export function messageOf(parts: Partial<Message>): Message {
  return {
    id: "m1",
    seq: 1,
    sender: "bot",
    text: "",
    buttons: [],
    sources: [],
    custom: null,
    reply_to: null,
    rating: null,
    ratable: false,
    at: "2026-11-05T08:00:00.000Z",
    ...parts,
  };
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

function failure(status: number, code: string): Response {
  return json(status, { error: { code, message: code, request_id: "r1" } });
}
