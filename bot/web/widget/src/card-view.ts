import { css, html, nothing, type TemplateResult } from "lit";
import { amount } from "./amount";
import { icons } from "./icons";
import { stampOf } from "./moment";
import type { Card, Parcel } from "./protocol";
import type { Language, Strings } from "./strings";

export interface CardContext {
  readonly strings: Strings;
  readonly language: Language;
  readonly isLoggedIn: boolean;
  readonly onLogin: () => void;
}

const RECENT_EVENTS = 3;

/** Draws a card; a kind that this widget does not know draws nothing, because the message's text says the same. */
export function cardView(custom: { readonly type: string }, context: CardContext): TemplateResult | typeof nothing {
  const card = custom as Card;
  const { strings } = context;
  switch (card.type) {
    case "login_required":
      return frame("login_required", strings.loginCard, icons.lock, nothing, html`
        <button type="button" class="act" data-testid="login-card" ?disabled=${context.isLoggedIn} @click=${context.onLogin}>
          ${context.isLoggedIn ? strings.loggedIn : strings.login}
        </button>
      `);
    case "order":
      return frame("order", `${strings.order} ${card.order_id}`, icons.box, status(card.status), html`
        <ul class="lines">
          ${list(card.items).map((item) => html`<li>
            <span class="grow">${item.name}<span class="soft"> × ${item.quantity}</span></span><span>${amount(item.price)}</span>
          </li>`)}
          <li class="sum"><span class="grow">${strings.total}</span><strong>${amount(card.total)}</strong></li>
        </ul>
        ${card.parcel ? parcelView(card.parcel, context) : nothing}
      `);
    case "orders":
      return frame("orders", strings.orders, icons.box, nothing, html`
        <ul class="lines">
          ${list(card.orders).map((order) => html`<li>
            <span class="grow"><span class="number">${order.order_id}</span><span class="soft block">${order.title}</span></span>
            <span class="right">${status(order.status)}<span class="block">${amount(order.total)}</span></span>
          </li>`)}
        </ul>
      `);
    case "refund":
      return frame("refund", `${strings.refund} ${card.refund_id}`, icons.refund, status(card.status), html`
        <dl>
          <dt>${strings.refundOrder}</dt><dd class="number">${card.order_id}</dd>
          <dt>${strings.refundAmount}</dt><dd><strong>${amount(card.amount)}</strong></dd>
        </dl>
      `);
    case "handoff":
      return frame("handoff", strings.handoff, icons.headset, nothing, html`
        <dl>
          ${card.ticket ? html`<dt>${strings.ticket}</dt><dd class="number">${card.ticket}</dd>` : nothing}
          <dt>${strings.hours}</dt><dd>${card.hours}</dd>
        </dl>
      `);
    default:
      return nothing;
  }
}

/** The text above a card: without the lines of a list that the card draws, and so says to screen readers, itself. */
export function textBeside(text: string, custom: { readonly type: string } | null): string {
  if (custom?.type !== "orders") return text;
  const numbers = list((custom as Extract<Card, { type: "orders" }>).orders).map((order) => order.order_id);
  return text
    .split("\n")
    .filter((line) => !numbers.some((number) => line.includes(number)))
    .join("\n");
}

function frame(
  kind: string,
  title: string,
  icon: TemplateResult,
  badge: TemplateResult | typeof nothing,
  body: TemplateResult,
): TemplateResult {
  return html`<section class="card" data-testid=${`card-${kind}`} aria-label=${title}>
    <header><span class="icon">${icon}</span><span class="grow number">${title}</span>${badge}</header>
    ${body}
  </section>`;
}

function status(text: string): TemplateResult {
  return html`<span class="status">${text}</span>`;
}

function parcelView(parcel: Parcel, context: CardContext): TemplateResult {
  const events = list(parcel.events); // newest first
  const line = (event: { at: string; text: string }) =>
    html`<li><span>${event.text}</span><time class="soft block">${stampOf(event.at, context.language)}</time></li>`;
  const older = events.slice(RECENT_EVENTS);
  return html`<div class="parcel">
    <p><span class="icon">${icons.truck}</span>${parcel.carrier} <span class="number">${parcel.number}</span></p>
    <ol class="events">${events.slice(0, RECENT_EVENTS).map(line)}</ol>
    ${older.length > 0
      ? html`<details><summary>${context.strings.moreEvents}</summary><ol class="events old">${older.map(line)}</ol></details>`
      : nothing}
  </div>`;
}

/** A list from the wire; anything else counts as empty, so that one odd card cannot break the log. */
function list<Item>(items: readonly Item[] | null | undefined): readonly Item[] {
  return Array.isArray(items) ? items : [];
}

export const cardStyles = css`
  .card {
    width: 100%;
    margin-top: 6px;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--paper);
    overflow: hidden;
    font-size: 14px;
  }
  .card header,
  .card p,
  .card li {
    display: flex;
    align-items: baseline;
    gap: 8px;
    margin: 0;
  }
  .card header {
    padding: 8px 12px;
    background: var(--tint);
    font-weight: 600;
  }
  .card .icon {
    align-self: center;
    display: grid;
    font-size: 18px;
    color: var(--accent);
  }
  .card .grow {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .card .number {
    font-variant-numeric: tabular-nums;
  }
  .card .block {
    display: block;
  }
  .card .right {
    text-align: right;
  }
  .card .soft {
    color: var(--ink-soft);
    font-size: 13px;
  }
  .card .status {
    padding: 1px 8px;
    border-radius: 9px;
    background: var(--accent);
    color: var(--on-accent);
    font-size: 12px;
    font-weight: 500;
    white-space: nowrap;
  }
  .card ul,
  .card ol,
  .card dl {
    margin: 0;
    padding: 4px 12px;
    list-style: none;
  }
  .card .lines li {
    padding: 6px 0;
  }
  .card .lines li + li {
    border-top: 1px solid var(--line);
  }
  .card dl {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 4px 12px;
    padding-block: 8px;
  }
  .card dt {
    color: var(--ink-soft);
  }
  .card dd {
    margin: 0;
    text-align: right;
  }
  .parcel {
    padding: 8px 0 4px;
    border-top: 1px solid var(--line);
  }
  .parcel p,
  .parcel summary {
    padding: 0 12px;
  }
  .parcel summary {
    color: var(--accent);
    cursor: pointer;
  }
  .card .events {
    padding-left: 20px;
  }
  .card .events li {
    position: relative;
    display: block;
    padding: 4px 0 6px 16px;
    border-left: 1px solid var(--line);
  }
  .card .events li::before {
    content: "";
    position: absolute;
    left: -5px;
    top: 11px;
    width: 9px;
    height: 9px;
    border-radius: 50%;
    background: #b3beb8;
  }
  .card .events:not(.old) li:first-child::before {
    background: var(--accent);
  }
  .card .act {
    display: block;
    width: calc(100% - 24px);
    min-height: 38px;
    margin: 10px 12px;
    border: 0;
    border-radius: 19px;
    background: var(--accent);
    color: var(--on-accent);
  }
  .card .act:disabled {
    background: var(--line);
    color: var(--ink-soft);
  }
`;
