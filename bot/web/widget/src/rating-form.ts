import { css, html, LitElement } from "lit";
import { icons } from "./icons";
import { type Strings, stringsOf } from "./strings";
import { theme } from "./theme";

export interface ConversationRating {
  readonly score: number;
  readonly comment: string;
}

/** Stars and a comment for the whole conversation. Fires `rate` (detail: ConversationRating) or `skip`. */
export class RatingForm extends LitElement {
  static override properties = { strings: { attribute: false }, score: { state: true } };

  declare strings: Strings;
  declare private score: number;

  constructor() {
    super();
    this.strings = stringsOf("zh-CN");
    this.score = 0;
  }

  override render() {
    return html`
      <form role="dialog" aria-labelledby="question" data-testid="rating-form" @submit=${this.onSubmit}>
        <h2 id="question">${this.strings.ratingTitle}</h2>
        <div class="stars" role="radiogroup" aria-labelledby="question" @keydown=${this.onKey}>
          ${[1, 2, 3, 4, 5].map((score) => this.star(score))}
        </div>
        <p class="word" aria-hidden="true">${this.score ? this.strings.star(this.score) : " "}</p>
        <textarea
          rows="2"
          maxlength="300"
          data-testid="rating-comment"
          aria-label=${this.strings.ratingComment}
          placeholder=${this.strings.ratingComment}
        ></textarea>
        <div class="actions">
          <button type="button" class="plain" data-testid="rating-skip" @click=${this.onSkip}>${this.strings.skip}</button>
          <button type="submit" data-testid="rating-submit" ?disabled=${this.score === 0}>${this.strings.submit}</button>
        </div>
      </form>
    `;
  }

  private star(score: number) {
    const isChosen = score === this.score;
    return html`<button
      type="button"
      role="radio"
      data-testid=${`star-${score}`}
      class=${score <= this.score ? "star lit" : "star"}
      aria-checked=${isChosen ? "true" : "false"}
      aria-label=${`${this.strings.starLabel(score)}，${this.strings.star(score)}`}
      tabindex=${isChosen || (this.score === 0 && score === 1) ? 0 : -1}
      @click=${() => (this.score = score)}
    >
      ${icons.star}
    </button>`;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLElement>(".star")?.focus();
  }

  private async onKey(event: KeyboardEvent): Promise<void> {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.score = Math.min(5, Math.max(1, this.score + step));
    await this.updateComplete;
    this.renderRoot.querySelectorAll<HTMLElement>(".star")[this.score - 1]?.focus();
  }

  private onSkip(): void {
    this.dispatchEvent(new CustomEvent("skip"));
  }

  private onSubmit(event: Event): void {
    event.preventDefault();
    if (this.score === 0) return;
    const comment = this.renderRoot.querySelector("textarea")?.value.trim() ?? "";
    const detail: ConversationRating = { score: this.score, comment };
    this.dispatchEvent(new CustomEvent("rate", { detail }));
  }

  static override styles = [
    theme,
    css`
      :host {
        position: absolute;
        inset: 0;
        z-index: 3;
        display: flex;
        align-items: flex-end;
        background: rgb(16 32 26 / 45%);
        animation: appear 160ms ease-out;
      }
      form {
        width: 100%;
        padding: 22px 20px 18px;
        background: var(--paper);
        border-radius: 18px 18px 0 0;
        text-align: center;
      }
      h2 {
        margin: 0 0 12px;
        font-size: 17px;
      }
      .stars {
        display: flex;
        justify-content: center;
        gap: 6px;
      }
      .star {
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        padding: 0;
        border: 0;
        border-radius: 10px;
        background: none;
        font-size: 34px;
        color: #87968f;
        transition: transform 120ms;
      }
      .star:hover {
        transform: scale(1.12);
      }
      .star.lit {
        color: #b87a00;
      }
      .word {
        min-height: 24px;
        margin: 4px 0 8px;
        color: var(--ink-soft);
      }
      textarea {
        width: 100%;
        padding: 8px 12px;
        border: 1px solid #87968f;
        border-radius: 10px;
        resize: none;
      }
      textarea::placeholder {
        color: var(--ink-soft);
        opacity: 1;
      }
      .actions {
        display: flex;
        gap: 10px;
        margin-top: 12px;
      }
      .actions button {
        flex: 1;
        min-height: 42px;
        border: 1px solid var(--accent);
        border-radius: 21px;
        background: var(--accent);
        color: var(--on-accent);
      }
      .actions .plain {
        border-color: var(--line);
        background: none;
        color: var(--ink);
      }
      .actions button:disabled {
        border-color: var(--line);
        background: var(--line);
        color: var(--ink-soft);
      }
      @keyframes appear {
        from {
          opacity: 0;
        }
      }
    `,
  ];
}
