import { css } from "lit";

/**
 * Colours and shapes every part of the widget uses. A shop may set `--yingda-accent`, `--yingda-accent-strong` and
 * `--yingda-on-accent` on the element; the defaults keep a contrast of 4.5 : 1 for text (WCAG AA).
 */
export const theme = css`
  :host {
    --accent: var(--yingda-accent, #17694f);
    --accent-strong: var(--yingda-accent-strong, #0f4d3a);
    --on-accent: var(--yingda-on-accent, #ffffff);
    --ink: #1c2522;
    --ink-soft: #586660;
    --line: #dfe6e2;
    --ground: #f4f7f5;
    --paper: #ffffff;
    --tint: color-mix(in srgb, var(--accent) 9%, white);
    --alarm: #b3261e;
    --alarm-tint: #fdecea;
  }
  /* Not on the outermost host alone: a rule of the page, such as * { color: … }, would win over it there. */
  :host,
  .panel,
  .launcher {
    font-family:
      system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif;
    font-size: 15px;
    line-height: 1.55;
    color: var(--ink);
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  button,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  button:disabled {
    cursor: default;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .spoken {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`;
