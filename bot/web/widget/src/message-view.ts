import { css, html, nothing, type TemplateResult } from "lit";
import { type CardContext, cardView, textBeside } from "./card-view";
import { icons } from "./icons";
import { timeOf } from "./moment";
import type { Outgoing } from "./outbox";
import type { ButtonOption, Message, Thumb } from "./protocol";
import { sourceList } from "./source-list";
import { failureText } from "./strings";

export interface MessageContext extends CardContext {
  readonly server: string;
  readonly onButton: (message: Message, button: ButtonOption) => void;
  readonly onThumb: (message: Message, value: Thumb) => void;
  readonly onRetry: (clientMessageId: string) => void;
  readonly onDiscard: (clientMessageId: string) => void;
}

/** A confirmed message. Every text is set as text; line breaks are kept by the style alone. */
export function messageView(message: Message, buttonsLive: boolean, context: MessageContext): TemplateResult {
  const { strings, language } = context;
  const time = html`<time datetime=${message.at}>${timeOf(message.at, language)}</time>`;
  if (message.sender === "system") {
    return html`<div class="row system" data-testid="message-system" data-seq=${message.seq}><p>${message.text}</p></div>`;
  }
  if (message.sender === "customer") {
    return html`<div class="row customer" data-testid="message-customer" data-state="sent" data-seq=${message.seq}>
      <div class="body">
        <span class="spoken">${strings.you}：</span>
        <p class="bubble" data-testid="bubble">${message.text}</p>
        <div class="foot">${time}</div>
      </div>
    </div>`;
  }
  const text = textBeside(message.text, message.custom);
  const name = message.sender === "agent" ? strings.agent : strings.bot;
  return html`<div class="row ${message.sender}" data-testid=${`message-${message.sender}`} data-seq=${message.seq}>
    <span class="avatar">${message.sender === "agent" ? icons.person : icons.assistant}</span>
    <div class="body">
      <span class=${message.sender === "agent" ? "name" : "spoken"}>${name}<span class="spoken">：</span></span>
      ${text ? html`<p class="bubble" data-testid="bubble">${text}</p>` : nothing}
      ${message.custom ? cardView(message.custom, context) : nothing}
      ${sourceList(message.sources, context.server, strings)} ${buttonRow(message, buttonsLive, context)}
      <div class="foot">${time}${message.ratable ? thumbs(message, context) : nothing}</div>
    </div>
  </div>`;
}

/** One of the customer's messages that the server has not acknowledged. */
export function outgoingView(outgoing: Outgoing, context: MessageContext): TemplateResult {
  const { strings } = context;
  const { clientMessageId: id, failure } = outgoing;
  const state =
    failure === null
      ? html`<span>${strings.sending}</span>`
      : html`<span class="alarm" role="alert">${strings.failed}：${failureText(strings, failure)}</span>
          <button type="button" data-testid="retry" @click=${() => context.onRetry(id)}>${strings.retry}</button>
          <button type="button" data-testid="discard" @click=${() => context.onDiscard(id)}>${strings.discard}</button>`;
  return html`<div
    class="row customer"
    data-testid="message-customer"
    data-state=${failure === null ? "sending" : "failed"}
  >
    <div class="body">
      <span class="spoken">${strings.you}：</span>
      <p class=${failure === null ? "bubble pending" : "bubble failed"} data-testid="bubble">${outgoing.shownText}</p>
      <div class="foot">${state}</div>
    </div>
  </div>`;
}

function buttonRow(message: Message, live: boolean, context: MessageContext): TemplateResult | typeof nothing {
  if (!message.buttons?.length) return nothing;
  return html`<div class="options">
    ${message.buttons.map(
      (button) => html`<button
        type="button"
        class="option"
        data-testid="button-option"
        ?disabled=${!live}
        @click=${() => context.onButton(message, button)}
      >
        ${button.title}
      </button>`,
    )}
  </div>`;
}

function thumbs(message: Message, context: MessageContext): TemplateResult {
  const thumb = (value: Thumb, label: string, icon: TemplateResult) => html`<button
    type="button"
    class="thumb"
    data-testid=${`thumb-${value}`}
    aria-label=${label}
    title=${label}
    aria-pressed=${message.rating === value ? "true" : "false"}
    @click=${() => context.onThumb(message, value)}
  >
    ${icon}
  </button>`;
  const { strings } = context;
  return html`<span class="thumbs">
    ${thumb("up", strings.thumbUp, icons.thumbUp)}${thumb("down", strings.thumbDown, icons.thumbDown)}
    ${message.rating ? html`<span class="thanks">${strings.thumbsThanks}</span>` : nothing}
  </span>`;
}

export const messageStyles = css`
  .row {
    display: flex;
    gap: 8px;
    margin-top: 12px;
  }
  .row.customer {
    justify-content: flex-end;
  }
  .row.system {
    justify-content: center;
  }
  .row.system p {
    margin: 0;
    padding: 2px 12px;
    font-size: 13px;
    text-align: center;
    color: var(--ink-soft);
    white-space: pre-line;
  }
  .avatar {
    flex: none;
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    font-size: 20px;
  }
  .agent .avatar {
    background: #8a4b12;
  }
  .body {
    position: relative;
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    min-width: 0;
    max-width: calc(100% - 72px);
  }
  .bot .body,
  .agent .body {
    flex: 0 1 auto;
  }
  .row.customer .body {
    align-items: flex-end;
    max-width: 82%;
  }
  .name {
    font-size: 12px;
    color: var(--ink-soft);
  }
  .bubble {
    margin: 0;
    padding: 8px 13px;
    border-radius: 4px 16px 16px 16px;
    background: var(--paper);
    box-shadow: 0 1px 2px rgb(16 40 30 / 10%);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .customer .bubble {
    border-radius: 16px 4px 16px 16px;
    background: var(--accent);
    color: var(--on-accent);
    box-shadow: none;
  }
  .customer .bubble.pending {
    background: color-mix(in srgb, var(--accent) 86%, white);
  }
  .customer .bubble.failed {
    background: var(--alarm-tint);
    color: var(--ink);
    box-shadow: inset 0 0 0 1px var(--alarm);
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    min-height: 20px;
    margin-top: 3px;
    padding: 0 2px;
    font-size: 12px;
    color: var(--ink-soft);
  }
  .customer .foot {
    justify-content: flex-end;
  }
  .foot .alarm {
    color: var(--alarm);
  }
  .foot button:not(.thumb) {
    padding: 2px 4px;
    border: 0;
    background: none;
    color: var(--accent);
    text-decoration: underline;
  }
  .thumbs {
    display: inline-flex;
    align-items: center;
    gap: 2px;
  }
  .thumb {
    display: grid;
    place-items: center;
    width: 28px;
    height: 28px;
    padding: 0;
    border: 0;
    border-radius: 8px;
    background: none;
    font-size: 16px;
    color: var(--ink-soft);
  }
  .thumb:hover {
    background: var(--tint);
    color: var(--accent);
  }
  .thumb[aria-pressed="true"] {
    background: var(--accent);
    color: var(--on-accent);
  }
  .thanks {
    margin-left: 4px;
  }
  .options {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 8px;
  }
  .option {
    padding: 5px 14px;
    border: 1px solid var(--accent);
    border-radius: 17px;
    background: var(--paper);
    color: var(--accent-strong);
    text-align: left;
  }
  .option:hover:enabled {
    background: var(--tint);
  }
  .option:disabled {
    border-color: var(--line);
    background: none;
    color: var(--ink-soft);
  }
`;
