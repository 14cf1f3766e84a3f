import type { ClientFrame, Content, ErrorBody, Message, ServerFrame } from "./protocol";

export interface StreamEvents {
  message(message: Message): void;
  accepted(clientMessageId: string, messageId: string, seq: number): void;
  refused(clientMessageId: string, error: ErrorBody): void;
  typing(on: boolean): void;
}

/** The part of `WebSocket` that a stream uses. */
export interface Socket {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(data: string): void;
  close(): void;
}

export type OpenSocket = (url: string) => Socket;

export const WELCOME_WITHIN_MS = 5_000;
export const ACCEPTED_WITHIN_MS = 10_000;
export const PING_EVERY_MS = 25_000;
export const PONG_WITHIN_MS = 10_000;

/**
 * One WebSocket connection, from hello to its end. `welcomed` settles once: resolved by the server's welcome, rejected
 * when the connection ends before it. `ended` resolves when the connection is over, also where the network just went
 * silent: a missing pong or a missing acknowledgement ends it, because browsers notice a dead link only after minutes.
 */
export class Stream {
  readonly welcomed: Promise<void>;
  readonly ended: Promise<void>;
  private readonly socket: Socket;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private isOver = false;
  private welcome!: () => void;
  private refuse!: (reason: Error) => void;
  private end!: () => void;

  constructor(
    url: string,
    token: string,
    after: number,
    private readonly events: StreamEvents,
    openSocket: OpenSocket,
  ) {
    this.welcomed = new Promise((resolve, reject) => {
      this.welcome = resolve;
      this.refuse = reject;
    });
    this.welcomed.catch(() => undefined); // a caller that only awaits `ended` is no unhandled rejection
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.within("welcome", WELCOME_WITHIN_MS);
    this.socket = openSocket(url);
    this.socket.onopen = () => this.write({ type: "hello", token, after });
    this.socket.onmessage = (event) => this.receive(event.data);
    this.socket.onclose = () => this.close();
    this.socket.onerror = () => this.close();
  }

  send(clientMessageId: string, content: Content): void {
    this.within(`accepted ${clientMessageId}`, ACCEPTED_WITHIN_MS);
    this.write({ type: "message", client_message_id: clientMessageId, ...content });
  }

  acknowledge(seq: number): void {
    this.write({ type: "ack", seq });
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = this.socket.onerror = null;
    this.socket.close();
    this.refuse(new Error("the connection ended before the server's welcome"));
    this.end();
  }

  private write(frame: ClientFrame): void {
    if (this.isOver) return;
    try {
      this.socket.send(JSON.stringify(frame));
    } catch {
      this.close();
    }
  }

  private receive(data: unknown): void {
    const frame = readFrame(data);
    if (this.isOver || frame === null) return;
    // Any frame shows that the link lives; only silence is suspicious.
    this.settle("pong");
    switch (frame.type) {
      case "welcome":
        this.settle("welcome");
        this.keepAlive();
        this.welcome();
        break;
      case "message":
        this.events.message(frame.message);
        break;
      case "accepted":
        this.settle(`accepted ${frame.client_message_id}`);
        this.events.accepted(frame.client_message_id, frame.message_id, frame.seq);
        break;
      case "typing":
        this.events.typing(frame.on);
        break;
      case "error":
        if (frame.client_message_id) {
          this.settle(`accepted ${frame.client_message_id}`);
          this.events.refused(frame.client_message_id, frame.error);
        } else if (this.timers.has("welcome")) {
          this.close();
        }
        break;
      case "pong":
        break;
    }
  }

  private keepAlive(): void {
    const timer = setTimeout(() => {
      this.within("pong", PONG_WITHIN_MS);
      this.write({ type: "ping" });
      if (!this.isOver) this.keepAlive();
    }, PING_EVERY_MS);
    this.timers.set("ping", timer);
  }

  /** Ends the connection unless `settle(name)` comes in time. */
  private within(name: string, ms: number): void {
    this.settle(name);
    this.timers.set(
      name,
      setTimeout(() => this.close(), ms),
    );
  }

  private settle(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

function readFrame(data: unknown): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === "object" && frame !== null && "type" in frame ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
