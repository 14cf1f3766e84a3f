import { svg, type TemplateResult } from "lit";

/** Line icons on a 24 × 24 grid; drawn in the colour of the text around them and silent for screen readers. */
function icon(paths: TemplateResult): TemplateResult {
  return svg`<svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${paths}</svg>`;
}

export const icons = {
  chat: icon(svg`<path d="M20.5 11.6c0 4.2-3.8 7.6-8.5 7.6-1 0-2-.2-2.9-.5L4.5 20.5l1.3-3.8a7 7 0 0 1-2.3-5.1C3.5 7.4 7.3 4 12 4s8.5 3.4 8.5 7.6Z"/><path d="M8.4 11.7h.01M12 11.7h.01M15.6 11.7h.01" stroke-width="2.4"/>`),
  assistant: icon(svg`<rect x="4.5" y="8" width="15" height="11" rx="3.5"/><path d="M12 8V4.8M9 13v1M15 13v1M2.5 12.5v3M21.5 12.5v3"/><circle cx="12" cy="4" r=".8"/>`),
  person: icon(svg`<circle cx="12" cy="8.5" r="3.7"/><path d="M4.8 20c.6-3.8 3.5-5.7 7.2-5.7s6.6 1.9 7.2 5.7"/>`),
  menu: icon(svg`<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="2.8"/>`),
  close: icon(svg`<path d="m6.5 9.5 5.5 5.5 5.5-5.5"/>`),
  send: icon(svg`<path d="M12 19V5.5M6 11l6-6 6 6"/>`),
  thumbUp: icon(svg`<path d="M7.5 10.5v9H5a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h2.5Zm0 0 3.7-6.3c1.5 0 2.5 1 2.3 2.5l-.5 3h5a1.8 1.8 0 0 1 1.7 2.2l-1.3 6a2 2 0 0 1-2 1.6H7.5"/>`),
  thumbDown: icon(svg`<path d="M16.5 13.5v-9H19a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-2.5Zm0 0-3.7 6.3c-1.5 0-2.5-1-2.3-2.5l.5-3H6a1.8 1.8 0 0 1-1.7-2.2l1.3-6a2 2 0 0 1 2-1.6h8.9"/>`),
  star: svg`<svg viewBox="0 0 24 24" width="1em" height="1em" fill="currentColor" aria-hidden="true" focusable="false"><path d="m12 3 2.7 5.7 6.2.8-4.5 4.3 1.1 6.2-5.5-3-5.5 3 1.1-6.2L3.1 9.5l6.2-.8L12 3Z"/></svg>`,
  down: icon(svg`<path d="M12 5v13M6.5 13l5.5 5.5 5.5-5.5"/>`),
  box: icon(svg`<path d="m4 7.8 8-4 8 4v8.4l-8 4-8-4V7.8Zm0 0 8 4 8-4M12 11.8v8.4"/>`),
  truck: icon(svg`<path d="M3 6.5h11v10H3zM14 10h3.5l3 3v3.5H14z"/><circle cx="7" cy="17.5" r="1.7"/><circle cx="17" cy="17.5" r="1.7"/>`),
  refund: icon(svg`<path d="M5 8h10a4.5 4.5 0 0 1 0 9H8M8.5 4.5 5 8l3.5 3.5"/>`),
  lock: icon(svg`<rect x="5.5" y="10.5" width="13" height="9" rx="2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>`),
  headset: icon(svg`<path d="M4.5 14v-2a7.5 7.5 0 0 1 15 0v2"/><rect x="3.5" y="13" width="4" height="6" rx="1.5"/><rect x="16.5" y="13" width="4" height="6" rx="1.5"/><path d="M19 19c0 1.7-2 2.3-5 2.3"/>`),
};
