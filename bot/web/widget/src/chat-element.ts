import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { Api } from "./api";
import { cardStyles } from "./card-view";
import { ChatClient, type Connection } from "./chat-client";
import type { Composer } from "./composer";
import { icons } from "./icons";
import { Memory } from "./memory";
import { type MessageContext, messageStyles, messageView, outgoingView } from "./message-view";
import { dayOf } from "./moment";
import { panelStyles } from "./panel-style";
import type { Message, Thumb } from "./protocol";
import type { ConversationRating } from "./rating-form";
import { sourceStyles } from "./source-list";
import { type Language, languageOf, type Strings, stringsOf } from "./strings";
import { theme } from "./theme";
import { type Entry, transcript } from "./transcript";

/** Why the page should show its login. */
export type LoginReason = "card" | "button" | "session_expired";

const NOTICE_MS = 4_000;
/** Closer to the end than this, the log follows new messages. */
const FOLLOW_WITHIN_PX = 60;

/**
 * `<yingda-chat server="https://…" language="zh-CN">`: launcher, panel and conversation.
 *
 * Attributes: `server` (default: where the script came from), `language` (default: the document's), `heading`.
 * Events, both bubbling out of the shadow tree: `yingda-message` (detail `{message}`) for every message that was not
 * here before; `yingda-login-required` (detail `{reason}`), upon which the page shows its login.
 */
export class ChatElement extends LitElement {
  /** The origin that the script was loaded from, set by the embed entry. */
  static scriptOrigin = "";

  static override properties = {
    server: {},
    language: {},
    heading: {},
    isOpen: { state: true },
    isMenuOpen: { state: true },
    isRatingOpen: { state: true },
    notice: { state: true },
    unread: { state: true },
    isBehind: { state: true },
  };

  declare server: string;
  declare language: string;
  declare heading: string;
  declare private isOpen: boolean;
  declare private isMenuOpen: boolean;
  declare private isRatingOpen: boolean;
  declare private notice: { text: string; alarm: boolean } | null;
  declare private unread: number;
  declare private isBehind: boolean;
  private followsEnd = true;
  /** The log's viewport; it shrinks as the text field grows or a phone's keyboard opens. */
  private observed: HTMLElement | null = null;
  private readonly resizes = new ResizeObserver(() => this.followEnd());
  private closesAfterRating = false;
  private client: ChatClient | null = null;
  private memory: Memory | null = null;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.server = "";
    this.language = "";
    this.heading = "";
    this.isOpen = this.isMenuOpen = this.isRatingOpen = this.isBehind = false;
    this.notice = null;
    this.unread = 0;
  }

  // --- what the page may call ----------------------------------------------------------------

  open(): void {
    this.isOpen = true;
    this.unread = 0;
    this.followsEnd = true;
    this.connected().start();
    void this.updateComplete.then(() => this.composer?.focus());
  }

  close(): void {
    this.isOpen = this.isMenuOpen = this.isRatingOpen = false;
    void this.updateComplete.then(() => this.find(".launcher")?.focus());
  }

  /** Tells the server who the visitor is. Rejects where the server refuses the token or cannot be reached. */
  identify(identityToken: string): Promise<void> {
    return this.connected().identify(identityToken);
  }

  /** Forgets this browser's session; what follows is a new visitor's. */
  logout(): Promise<void> {
    this.unread = 0;
    return this.connected().logout();
  }

  // --- life ----------------------------------------------------------------------------------

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("online", this.onBack);
    window.addEventListener("storage", this.onStorage);
    document.addEventListener("visibilitychange", this.onBack);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("online", this.onBack);
    window.removeEventListener("storage", this.onStorage);
    document.removeEventListener("visibilitychange", this.onBack);
    clearTimeout(this.noticeTimer);
    this.client?.stop();
    this.isOpen = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    // Another server is another conversation; before the first use there is none to end.
    if (changed.has("server") && this.client) {
      this.client.stop();
      this.client = null;
      if (this.isOpen) this.connected().start();
    }
  }

  protected override updated(): void {
    const scroll = this.find(".scroll");
    if (scroll !== this.observed) {
      this.resizes.disconnect();
      if (scroll) this.resizes.observe(scroll);
      this.observed = scroll;
    }
    this.followEnd();
  }

  private followEnd(): void {
    if (this.observed && this.followsEnd) this.observed.scrollTop = this.observed.scrollHeight;
  }

  private connected(): ChatClient {
    if (this.client) return this.client;
    const server = this.serverAddress;
    this.memory = new Memory(server);
    this.client = new ChatClient(new Api(server), this.memory, {
      changed: () => this.requestUpdate(),
      arrived: (message) => this.onArrived(message),
      identityLost: () => this.askForLogin("session_expired"),
    });
    return this.client;
  }

  private get serverAddress(): string {
    const given = this.server || ChatElement.scriptOrigin || location.origin;
    return new URL(given, location.href).href.replace(/[/?#]+$/, "");
  }

  // --- drawing -------------------------------------------------------------------------------

  override render() {
    const strings = this.strings;
    return this.isOpen ? this.panel(strings) : this.launcher(strings);
  }

  private launcher(strings: Strings): TemplateResult {
    const label = this.unread ? strings.launcherUnread(this.unread) : strings.launcher;
    return html`<button
      type="button"
      class="launcher"
      data-testid="launcher"
      aria-label=${label}
      title=${label}
      aria-haspopup="dialog"
      @click=${this.open}
    >
      ${icons.chat}${this.unread ? html`<span class="unread" data-testid="unread">${this.unread}</span>` : nothing}
    </button>`;
  }

  private panel(strings: Strings): TemplateResult {
    const { messages, outgoing, pressed, typing, connection, isReady } = this.connected();
    const entries = transcript(messages, outgoing, pressed);
    return html`<div
      class="panel"
      role="dialog"
      aria-label=${this.heading || strings.title}
      data-testid="panel"
      lang=${this.spoken}
      @keydown=${this.onKey}
    >
      ${this.head(strings, connection)}
      ${this.notice
        ? html`<p class=${this.notice.alarm ? "notice alarm" : "notice"} role="status" data-testid="notice">
            ${this.notice.text}
          </p>`
        : nothing}
      <div class="scroll" @scroll=${this.onScroll} @click=${this.closeMenu}>
        <div role="log" aria-live="polite" aria-label=${strings.log} aria-busy=${isReady ? "false" : "true"} tabindex="0">
          ${this.welcome(strings)} ${this.bubbles(entries)}
        </div>
        ${isReady && entries.length === 0 ? this.quickQuestions(strings) : nothing}
        ${typing
          ? html`<div class="typing" data-testid="typing" role="status">
              <span class="avatar">${icons.assistant}</span><span class="dots"><i></i><i></i><i></i></span>
              <span class="spoken">${strings.typing}</span>
            </div>`
          : nothing}
      </div>
      ${this.isBehind
        ? html`<button type="button" class="newer" @click=${this.toEnd}>${icons.down}${strings.newMessages}</button>`
        : nothing}
      <yingda-composer .strings=${strings} @send=${this.onSend}></yingda-composer>
      ${this.isRatingOpen
        ? html`<yingda-rating-form .strings=${strings} @rate=${this.onRate} @skip=${this.endRating}></yingda-rating-form>`
        : nothing}
    </div>`;
  }

  private head(strings: Strings, connection: Connection): TemplateResult {
    const customer = this.client?.customer;
    const state =
      connection === "reconnecting"
        ? strings.reconnecting
        : connection === "online" || connection === "polling"
          ? customer
            ? `${strings.online} · ${strings.signedIn(customer.name)}`
            : strings.online
          : strings.connecting;
    return html`<header class="head">
      <span class="avatar">${icons.assistant}</span>
      <div class="grow">
        <h2>${this.heading || strings.title}</h2>
        <p class="connection" data-testid="connection" data-state=${connection} role="status">${state}</p>
      </div>
      <button
        type="button"
        data-testid="menu"
        aria-label=${strings.menu}
        title=${strings.menu}
        aria-expanded=${this.isMenuOpen ? "true" : "false"}
        @click=${() => (this.isMenuOpen = !this.isMenuOpen)}
      >
        ${icons.menu}
      </button>
      <button type="button" data-testid="close" aria-label=${strings.close} title=${strings.close} @click=${this.close}>
        ${icons.close}
      </button>
      ${this.isMenuOpen
        ? html`<div class="menu" data-testid="menu-items">
            <button type="button" data-testid="rate-conversation" @click=${() => this.startRating(false)}>
              ${strings.rateConversation}
            </button>
            <button type="button" data-testid="end-conversation" @click=${() => this.startRating(true)}>
              ${strings.endConversation}
            </button>
          </div>`
        : nothing}
    </header>`;
  }

  private welcome(strings: Strings): TemplateResult {
    return html`<div class="row bot" data-testid="welcome">
      <span class="avatar">${icons.assistant}</span>
      <div class="body"><span class="spoken">${strings.bot}：</span><p class="bubble" data-testid="bubble">${strings.welcome}</p></div>
    </div>`;
  }

  private quickQuestions(strings: Strings): TemplateResult {
    return html`<div class="quick">
      <p>${strings.quickTitle}</p>
      <div class="options">
        ${strings.quickQuestions.map(
          (question) =>
            html`<button type="button" class="option" data-testid="quick-question" @click=${() => this.say(question)}>
              ${question}
            </button>`,
        )}
      </div>
    </div>`;
  }

  private bubbles(entries: readonly Entry[]): unknown {
    const context = this.messageContext();
    let lastDay = "";
    return repeat(
      entries,
      (entry) => entry.key,
      (entry) => {
        const day = dayOf(entry.kind === "message" ? entry.message.at : entry.outgoing.writtenAt, this.spoken);
        const heading = day && day !== lastDay ? html`<p class="day">${day}</p>` : nothing;
        lastDay = day || lastDay;
        const bubble =
          entry.kind === "message"
            ? messageView(entry.message, entry.buttonsLive, context)
            : outgoingView(entry.outgoing, context);
        return html`${heading}${bubble}`;
      },
    );
  }

  private messageContext(): MessageContext {
    const client = this.connected();
    return {
      strings: this.strings,
      language: this.spoken,
      server: this.serverAddress,
      isLoggedIn: client.customer !== null,
      onLogin: () => this.askForLogin("button"),
      onButton: (message, button) => {
        this.toEnd();
        client.press(message.id, button);
      },
      onThumb: (message, value) => void this.rateMessage(message, value),
      onRetry: (id) => client.retry(id),
      onDiscard: (id) => client.discard(id),
    };
  }

  private get spoken(): Language {
    return languageOf(this.language || document.documentElement.lang);
  }

  private get strings(): Strings {
    return stringsOf(this.spoken);
  }

  private get composer(): Composer | null {
    return this.renderRoot.querySelector("yingda-composer");
  }

  private find(selector: string): HTMLElement | null {
    return this.renderRoot.querySelector(selector);
  }

  // --- reacting ------------------------------------------------------------------------------

  private readonly onBack = (): void => {
    if (!document.hidden) this.client?.wake();
  };

  private readonly onStorage = (event: StorageEvent): void => {
    if (event.key === null || event.key === this.memory?.sessionKey) this.client?.adoptStoredSession();
  };

  private onArrived(message: Message): void {
    const isReply = message.sender !== "customer";
    if (isReply && !this.isOpen) this.unread += 1;
    if (isReply && this.isOpen && !this.followsEnd) this.isBehind = true;
    this.tell("yingda-message", { message });
    if (message.custom?.type === "login_required" && !this.client?.customer) this.askForLogin("card");
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (this.isRatingOpen) this.endRating();
    else if (this.isMenuOpen) this.closeMenu();
    else this.close();
  }

  private onScroll(event: Event): void {
    const scroll = event.target as HTMLElement;
    this.followsEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < FOLLOW_WITHIN_PX;
    if (this.followsEnd) this.isBehind = false;
  }

  private toEnd(): void {
    this.followsEnd = true;
    this.isBehind = false;
  }

  private onSend(event: CustomEvent<string>): void {
    this.say(event.detail);
  }

  private say(text: string): void {
    this.toEnd();
    this.connected().sendText(text);
    this.composer?.focus();
  }

  private async rateMessage(message: Message, value: Thumb): Promise<void> {
    try {
      await this.connected().rateMessage(message.id, value);
    } catch {
      this.showNotice(this.strings.ratingFailed, true);
    }
  }

  private closeMenu(): void {
    this.isMenuOpen = false;
  }

  private startRating(closesAfterwards: boolean): void {
    this.isMenuOpen = false;
    this.closesAfterRating = closesAfterwards;
    // Nothing said, nothing to rate.
    if (closesAfterwards && this.connected().messages.length === 0) this.close();
    else this.isRatingOpen = true;
  }

  private endRating(): void {
    this.isRatingOpen = false;
    if (this.closesAfterRating) this.close();
    else this.composer?.focus();
  }

  private async onRate(event: CustomEvent<ConversationRating>): Promise<void> {
    try {
      await this.connected().rateConversation(event.detail.score, event.detail.comment);
      this.showNotice(this.strings.ratingThanks, false);
      this.endRating();
    } catch {
      this.isRatingOpen = false;
      this.showNotice(this.strings.ratingFailed, true);
    }
  }

  private showNotice(text: string, alarm: boolean): void {
    this.notice = { text, alarm };
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => (this.notice = null), NOTICE_MS);
  }

  private askForLogin(reason: LoginReason): void {
    this.tell("yingda-login-required", { reason });
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  static override styles = [theme, messageStyles, cardStyles, sourceStyles, panelStyles];
}
