import { css, html, LitElement, nothing } from "lit";
import { icons } from "./icons";
import { type Strings, stringsOf } from "./strings";
import { COUNTER_FROM, isSendable, TEXT_LIMIT, textLength } from "./text-limit";
import { theme } from "./theme";

const TALLEST_PX = 132;

/** The text field with its send button. Fires `send` (detail: the text) and empties itself. */
export class Composer extends LitElement {
  static override properties = { strings: { attribute: false }, text: { state: true } };

  declare strings: Strings;
  declare private text: string;

  constructor() {
    super();
    this.strings = stringsOf("zh-CN");
    this.text = "";
  }

  override focus(): void {
    this.field?.focus();
  }

  override render() {
    const used = textLength(this.text);
    const over = used - TEXT_LIMIT;
    return html`
      <div class="field">
        <textarea
          data-testid="input"
          rows="1"
          enterkeyhint="send"
          autocomplete="off"
          aria-label=${this.strings.inputLabel}
          aria-describedby="counter"
          aria-invalid=${over > 0 ? "true" : "false"}
          placeholder=${this.strings.placeholder}
          .value=${this.text}
          @input=${this.onInput}
          @keydown=${this.onKey}
        ></textarea>
        <button
          data-testid="send"
          type="button"
          aria-label=${this.strings.send}
          title=${this.strings.send}
          ?disabled=${!isSendable(this.text)}
          @click=${this.submit}
        >
          ${icons.send}
        </button>
      </div>
      <p id="counter" data-testid="counter" class=${over > 0 ? "counter over" : "counter"} aria-live="polite">
        ${over > 0
          ? html`${this.strings.tooLong(over)} · ${this.strings.counter(used, TEXT_LIMIT)}`
          : used >= COUNTER_FROM
            ? this.strings.counter(used, TEXT_LIMIT)
            : nothing}
      </p>
    `;
  }

  private get field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  protected override updated(): void {
    const field = this.field;
    if (!field) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, TALLEST_PX)}px`;
  }

  private onInput(event: Event): void {
    this.text = (event.target as HTMLTextAreaElement).value;
  }

  private onKey(event: KeyboardEvent): void {
    // While an input method composes, Enter picks a candidate. Safari ends the composition before this key event and
    // tells it only by key code 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  private submit(): void {
    if (!isSendable(this.text)) return;
    this.dispatchEvent(new CustomEvent("send", { detail: this.text.trim() }));
    this.text = "";
    this.focus();
  }

  static override styles = [
    theme,
    css`
      :host {
        display: block;
        padding: 10px 12px 6px;
        background: var(--paper);
        border-top: 1px solid var(--line);
      }
      .field {
        display: flex;
        align-items: flex-end;
        gap: 8px;
        padding: 5px 5px 5px 14px;
        border: 1px solid #87968f;
        border-radius: 22px;
      }
      .field:focus-within {
        border-color: var(--accent);
        box-shadow: 0 0 0 1px var(--accent);
      }
      textarea {
        flex: 1;
        min-width: 0;
        padding: 5px 0;
        border: 0;
        outline: 0;
        resize: none;
        background: none;
        line-height: 22px;
      }
      textarea:focus-visible {
        outline: 0; /* the field around it shows the focus */
      }
      textarea::placeholder {
        color: var(--ink-soft);
        opacity: 1;
      }
      button {
        display: grid;
        place-items: center;
        flex: none;
        width: 32px;
        height: 32px;
        padding: 0;
        border: 0;
        border-radius: 50%;
        font-size: 19px;
        background: var(--accent);
        color: var(--on-accent);
      }
      button:disabled {
        background: var(--line);
        color: var(--ink-soft);
      }
      .counter {
        min-height: 16px;
        margin: 2px 6px 0 0;
        font-size: 12px;
        line-height: 16px;
        text-align: right;
        color: var(--ink-soft);
      }
      .counter.over {
        color: var(--alarm);
      }
      @media (max-width: 520px) {
        /* Below 16 px, phones zoom into the page when the field gets the focus. */
        textarea {
          font-size: 16px;
        }
        :host {
          padding-bottom: max(6px, env(safe-area-inset-bottom));
        }
      }
    `,
  ];
}
