import { type Api, ApiError } from "./api";
import { Backoff } from "./backoff";
import type { Memory } from "./memory";
import { MessageLog } from "./message-log";
import { Outbox, type Outgoing } from "./outbox";
import type { ButtonOption, Content, Customer, Message, Thumb } from "./protocol";
import { isRefusal, SessionKeeper } from "./session-keeper";
import { type OpenSocket, Stream } from "./stream";

/** idle: not started · online: WebSocket · polling: REST while WebSocket does not work · reconnecting: no server. */
export type Connection = "idle" | "connecting" | "online" | "polling" | "reconnecting";

export interface ClientEvents {
  /** Something to draw has changed. */
  changed(): void;
  /** A message that was not here before; not called for the history of a conversation. */
  arrived(message: Message): void;
  /** The server no longer knows the customer (the session has expired): the page may call identify() again. */
  identityLost(): void;
}

export const POLL_EVERY_MS = 2_000;
export const GAP_PATIENCE_MS = 1_500;
/** A connection that lived this long was a good one: the next attempt starts with short waits again. */
export const GOOD_CONNECTION_MS = 5_000;

/**
 * Keeps one conversation with the server: session, history, live stream, fallback, resending.
 *
 * Every attempt to connect goes the same way: have a session, have a conversation, read over REST what is missing, then
 * open the stream. So an expired token, a lost message and a blocked WebSocket are each noticed at one place, and all
 * work that awaits carries the `era` in which it began: after a login, logout or stop it finds the era over and gives up.
 */
export class ChatClient {
  connection: Connection = "idle";
  typing = false;
  private readonly session: SessionKeeper;
  private log = new MessageLog();
  private readonly outbox: Outbox;
  /** client_message_id of a button press → id of the message that offered the button */
  private readonly presses = new Map<string, string>();
  private historyIsRead = false;
  private stream: Stream | null = null;
  private era = 0;
  private exclusive: Promise<unknown> = Promise.resolve();
  private isPosting = false;
  private preparing: { era: number; work: Promise<void> } | null = null;
  private gapTimer: ReturnType<typeof setTimeout> | undefined;
  private wakeUp: () => void = () => undefined;

  constructor(
    private readonly api: Api,
    memory: Memory,
    private readonly events: ClientEvents,
    private readonly openSocket: OpenSocket = (url) => new WebSocket(url),
    private readonly backoff = new Backoff(),
  ) {
    this.session = new SessionKeeper(api, memory);
    this.outbox = new Outbox(memory.readOutbox(), (outbox) => memory.writeOutbox(outbox));
    // Another tab may have changed the customer while this one showed another page.
    this.outbox.belongTo(this.session.customer?.id ?? null);
  }

  get messages(): readonly Message[] {
    return this.log.messages;
  }

  get outgoing(): readonly Outgoing[] {
    return this.outbox.all;
  }

  /** The ids of the messages of which a button has been used. */
  get pressed(): ReadonlySet<string> {
    const hasFailed = (id: string): boolean => (this.outbox.find(id)?.failure ?? null) !== null;
    return new Set([...this.presses].filter(([id]) => !hasFailed(id)).map(([, messageId]) => messageId));
  }

  get customer(): Customer | null {
    return this.session.customer;
  }

  /** False until the history of the conversation has been read once. */
  get isReady(): boolean {
    return this.historyIsRead;
  }

  start(): void {
    if (this.connection !== "idle") return;
    this.show("connecting");
    void this.connect(this.era);
  }

  stop(): void {
    this.endEra();
    this.show("idle");
  }

  /** Ends a waiting time at once: the network is back, or the customer looks at the page again. */
  wake(): void {
    this.wakeUp();
  }

  sendText(text: string): void {
    this.send({ text }, text);
  }

  /** Sends a button of a message; all buttons of that message count as used until the server refuses the press. */
  press(messageId: string, button: ButtonOption): void {
    const item = this.send({ button_token: button.token }, button.title);
    this.presses.set(item.clientMessageId, messageId);
    this.events.changed();
  }

  retry(clientMessageId: string): void {
    this.outbox.setFailure(clientMessageId, null);
    const item = this.outbox.find(clientMessageId);
    if (item) this.deliver([item]);
    this.events.changed();
  }

  discard(clientMessageId: string): void {
    this.outbox.remove(clientMessageId);
    this.presses.delete(clientMessageId);
    this.events.changed();
  }

  /** Rates an answer; shown at once and taken back where the server refuses. Rejects with the refusal. */
  async rateMessage(messageId: string, value: Thumb): Promise<void> {
    const before = this.log.messages.find((message) => message.id === messageId)?.rating ?? null;
    const { token, conversationId } = this.session.credentials();
    this.log.setRating(messageId, value);
    this.events.changed();
    try {
      await this.api.rateMessage(token, conversationId, messageId, value);
    } catch (error) {
      this.log.setRating(messageId, before);
      this.events.changed();
      throw error;
    }
  }

  async rateConversation(score: number, comment: string): Promise<void> {
    const { token, conversationId } = this.session.credentials();
    await this.api.rateConversation(token, conversationId, score, comment);
  }

  /** Makes the visitor a known customer. Rejects with `ApiError` (403: the identity token is not valid) or `Unreachable`. */
  identify(identityToken: string): Promise<void> {
    return this.alone(() => this.session.identify(identityToken));
  }

  /** Forgets session, conversation and unsent messages; the next message is a new visitor's. */
  logout(): Promise<void> {
    return this.alone(async () => {
      this.outbox.clear();
      this.session.forget();
    });
  }

  /** Follows another tab of the same browser that has logged in or out. */
  adoptStoredSession(): void {
    if (this.session.isOutdated) void this.alone(async () => this.session.adoptStored());
  }

  // --- connecting ----------------------------------------------------------------------------

  private async connect(era: number): Promise<void> {
    while (era === this.era) {
      let wait = 0;
      try {
        await this.prepare(era);
        if (era !== this.era) return;
        const began = Date.now();
        if (await this.streamUntilItEnds(era)) {
          if (Date.now() - began >= GOOD_CONNECTION_MS) this.backoff.reset();
          if (era === this.era) this.show("reconnecting");
        } else if (era === this.era && this.connection !== "polling") {
          this.show("polling");
          void this.poll(era);
        }
      } catch (error) {
        if (era !== this.era) return;
        this.show("reconnecting");
        if (error instanceof ApiError) wait = error.retryAfterMs;
      }
      if (era === this.era) await this.pause(this.backoff.next(wait));
    }
  }

  /** Session, conversation and everything said so far; a session or conversation that the server refuses is replaced once. */
  private prepare(era: number): Promise<void> {
    // Polling and connecting may both ask: were each to replace a refused session, the second would lose the first one's.
    if (this.preparing?.era !== era) {
      const work = this.prepareOnce(era).finally(() => {
        if (this.preparing?.work === work) this.preparing = null;
      });
      this.preparing = { era, work };
    }
    return this.preparing.work;
  }

  private async prepareOnce(era: number): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.session.ensure(() => era === this.era);
        await this.readMissing(era);
        return;
      } catch (error) {
        if (era !== this.era || attempt >= 2 || !this.dropRefused(error)) throw error;
      }
    }
  }

  private async readMissing(era: number): Promise<void> {
    for (let page = 100; page === 100 && era === this.era; ) {
      const { token, conversationId } = this.session.credentials();
      const { messages } = await this.api.read(token, conversationId, this.log.cursor);
      if (era !== this.era) return;
      for (const message of messages) this.take(message);
      const last = messages[messages.length - 1];
      if (last) this.log.completeUpTo(last.seq);
      page = messages.length;
    }
    if (era !== this.era) return;
    this.historyIsRead = true;
    this.events.changed();
  }

  /** Resolves with true after a welcomed stream has ended, with false where the stream could not be opened. */
  private async streamUntilItEnds(era: number): Promise<boolean> {
    const { token, conversationId } = this.session.credentials();
    const url = `${this.api.server.replace(/^http/, "ws")}/api/v1/conversations/${encodeURIComponent(conversationId)}/stream`;
    let stream: Stream;
    try {
      stream = new Stream(url, token, this.log.cursor, this.streamEvents(era), this.openSocket);
    } catch {
      return false; // a security policy forbids the address
    }
    this.stream = stream;
    try {
      await stream.welcomed;
    } catch {
      if (this.stream === stream) this.stream = null;
      return false;
    }
    if (era !== this.era) return true;
    this.show("online");
    this.deliver();
    await stream.ended;
    if (this.stream === stream) this.stream = null;
    this.typing = false;
    return true;
  }

  private streamEvents(era: number) {
    const inEra =
      <Values extends unknown[]>(react: (...values: Values) => void) =>
      (...values: Values): void => {
        if (era !== this.era) return;
        react(...values);
        this.events.changed();
      };
    return {
      message: inEra((message: Message) => {
        this.take(message);
        this.stream?.acknowledge(this.log.cursor);
        this.closeGapSoon(era);
      }),
      accepted: inEra((clientMessageId: string, messageId: string, seq: number) => {
        this.confirm(clientMessageId, messageId, seq);
      }),
      refused: inEra((clientMessageId: string, error: { code: string }) => {
        // The conversation has moved (a login in another tab): the message waits for the next connection.
        if (error.code === "unknown_conversation") this.stream?.close();
        else this.outbox.setFailure(clientMessageId, error.code);
      }),
      typing: inEra((on: boolean) => {
        this.typing = on;
      }),
    };
  }

  /** While the stream does not open: sends and reads over REST until it does. */
  private async poll(era: number): Promise<void> {
    while (era === this.era && this.connection === "polling") {
      try {
        await this.prepare(era);
        await this.postWaiting(era);
      } catch (error) {
        if (era !== this.era || this.connection !== "polling") return;
        // A refused session is replaced in the next round; anything else means that there is no server.
        if (!isRefusal(error)) {
          this.show("reconnecting");
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
    }
  }

  // --- messages ------------------------------------------------------------------------------

  private send(content: Content, shownText: string): Outgoing {
    const item = this.outbox.add(content, shownText);
    if (this.connection === "idle") this.start();
    this.deliver([item]);
    this.events.changed();
    return item;
  }

  private deliver(items: readonly Outgoing[] = this.outbox.waiting): void {
    if (this.connection === "online") {
      for (const item of items) this.stream?.send(item.clientMessageId, item.content);
    } else if (this.connection === "polling") {
      // A failure shows again, and is handled, at the next round of polling.
      this.postWaiting(this.era).catch(() => undefined);
    }
  }

  /** One at a time, so that the order is kept. Rejects where the trouble is not the message's. */
  private async postWaiting(era: number): Promise<void> {
    if (this.isPosting) return;
    this.isPosting = true;
    try {
      for (let item = this.outbox.waiting[0]; item && era === this.era; item = this.outbox.waiting[0]) {
        const { token, conversationId } = this.session.credentials();
        try {
          const accepted = await this.api.post(token, conversationId, item.clientMessageId, item.content);
          if (era === this.era) this.confirm(item.clientMessageId, accepted.message_id, accepted.seq);
        } catch (error) {
          if (era !== this.era) return;
          const isMessagesFault = error instanceof ApiError && (error.status === 429 || !(error.passing || isRefusal(error)));
          if (!isMessagesFault) throw error;
          this.outbox.setFailure(item.clientMessageId, error.code);
        }
        this.events.changed();
      }
    } finally {
      this.isPosting = false;
    }
  }

  private take(message: Message): void {
    if (message.client_message_id) this.outbox.remove(message.client_message_id);
    if (message.sender === "bot" || message.sender === "agent") this.typing = false;
    if (this.log.add(message) && this.historyIsRead) this.events.arrived(message);
  }

  private confirm(clientMessageId: string, messageId: string, seq: number): void {
    const item = this.outbox.remove(clientMessageId);
    if (!item) return; // the message itself came before its acknowledgement
    this.take({
      id: messageId,
      seq,
      sender: "customer",
      text: item.shownText,
      buttons: [],
      sources: [],
      custom: null,
      reply_to: null,
      rating: null,
      ratable: false,
      at: item.writtenAt,
      client_message_id: clientMessageId,
    });
  }

  /** A missing message usually is only late; where it stays away, it is read over REST. */
  private closeGapSoon(era: number): void {
    clearTimeout(this.gapTimer);
    if (!this.log.hasGap) return;
    this.gapTimer = setTimeout(() => {
      if (era === this.era && this.log.hasGap) this.readMissing(era).catch(() => this.stream?.close());
    }, GAP_PATIENCE_MS);
  }

  // --- session -------------------------------------------------------------------------------

  /** Runs a change of who is talking, one at a time, with the connection down; afterwards connects again. */
  private alone(change: () => Promise<void>): Promise<void> {
    const turn = this.exclusive.then(async () => {
      const wasRunning = this.connection !== "idle";
      this.endEra();
      if (wasRunning) this.show("connecting");
      const conversation = this.session.conversationId;
      try {
        await change();
      } finally {
        this.outbox.belongTo(this.session.customer?.id ?? null);
        if (this.session.conversationId !== conversation) this.forgetMessages();
        this.events.changed();
        if (wasRunning) void this.connect(this.era);
      }
    });
    this.exclusive = turn.catch(() => undefined);
    return turn;
  }

  /** Forgets what the server no longer accepts; false where the error is about something else. */
  private dropRefused(error: unknown): boolean {
    const loss = this.session.drop(error);
    if (loss === null) return false;
    this.outbox.belongTo(this.session.customer?.id ?? null);
    this.forgetMessages();
    if (loss === "customer") this.events.identityLost();
    return true;
  }

  private forgetMessages(): void {
    this.log = new MessageLog();
    this.presses.clear();
    this.historyIsRead = false;
    this.typing = false;
  }

  private endEra(): void {
    this.era += 1;
    clearTimeout(this.gapTimer);
    this.stream?.close();
    this.stream = null;
    this.isPosting = false;
    this.wakeUp();
  }

  private show(connection: Connection): void {
    this.connection = connection;
    if (connection !== "online") this.typing = false;
    this.events.changed();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
