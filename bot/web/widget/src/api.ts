import type { Content, Customer, ErrorBody, Message, Thumb } from "./protocol";

/** The server answered, and said no. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Worth another try later with the same content: the server's trouble, not the message's. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429;
  }
}

/** No answer came: no network, server away, or it took too long. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("the server cannot be reached", { cause });
    this.name = "Unreachable";
  }
}

export interface Identified {
  readonly token: string;
  readonly customer: Customer;
  readonly conversation_id: string | null;
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** The gateway's REST calls. Every call rejects with `ApiError` or `Unreachable`, nothing else. */
export class Api {
  constructor(
    readonly server: string,
    private readonly fetcher: Fetch = (input, init) => fetch(input, init),
    private readonly timeoutMs = 15_000,
  ) {}

  createSession(): Promise<{ token: string }> {
    return this.call("POST", "/api/v1/sessions", null, {});
  }

  identify(token: string, identityToken: string): Promise<Identified> {
    return this.call("POST", "/api/v1/sessions/identify", token, { identity_token: identityToken });
  }

  openConversation(token: string): Promise<{ conversation_id: string }> {
    return this.call("POST", "/api/v1/conversations", token, {});
  }

  post(
    token: string,
    conversationId: string,
    clientMessageId: string,
    content: Content,
  ): Promise<{ message_id: string; seq: number }> {
    const body = { client_message_id: clientMessageId, ...content };
    return this.call("POST", `${conversationPath(conversationId)}/messages`, token, body);
  }

  /** One page of messages with seq > after, oldest first. */
  read(token: string, conversationId: string, after: number): Promise<{ messages: Message[]; last_seq: number }> {
    return this.call("GET", `${conversationPath(conversationId)}/messages?after=${after}&limit=100`, token);
  }

  rateMessage(token: string, conversationId: string, messageId: string, value: Thumb): Promise<unknown> {
    const path = `${conversationPath(conversationId)}/messages/${encodeURIComponent(messageId)}/rating`;
    return this.call("POST", path, token, { value });
  }

  rateConversation(token: string, conversationId: string, score: number, comment: string): Promise<unknown> {
    const body = comment ? { score, comment } : { score };
    return this.call("POST", `${conversationPath(conversationId)}/rating`, token, body);
  }

  private async call<T>(method: string, path: string, token: string | null, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (token !== null) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.timeoutMs);
    let response: Response;
    let answer: unknown;
    try {
      response = await this.fetcher(this.server + path, {
        method,
        headers,
        credentials: "omit",
        signal: abort.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // A proxy's error page is not JSON; its status still counts.
      answer = response.ok ? await response.json() : await response.json().catch(() => null);
    } catch (cause) {
      throw new Unreachable(cause);
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return answer as T;
    const error = (answer as { error?: ErrorBody } | null)?.error;
    const seconds = Number(response.headers.get("Retry-After") ?? 0);
    throw new ApiError(
      response.status,
      error?.code ?? `http_${response.status}`,
      error?.message ?? response.statusText,
      Number.isFinite(seconds) ? seconds * 1000 : 0,
    );
  }
}

function conversationPath(conversationId: string): string {
  return `/api/v1/conversations/${encodeURIComponent(conversationId)}`;
}
