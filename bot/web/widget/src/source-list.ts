import { css, html, nothing, type TemplateResult } from "lit";
import type { Source } from "./protocol";
import { safeLink } from "./safe-link";
import type { Strings } from "./strings";

/** Where an answer comes from: one line a source, a link where the source has a safe address. */
export function sourceList(
  sources: readonly Source[],
  server: string,
  strings: Strings,
): TemplateResult | typeof nothing {
  if (!sources?.length) return nothing;
  return html`<div class="sources">
    <p>${strings.sources}</p>
    <ul>
      ${sources.map((source) => {
        const link = safeLink(source.url, server);
        const kind = source.kind === "article" ? strings.article : strings.template;
        const label = html`<span class="kind">${kind}</span><span class="label"
            >${source.title}${source.section ? html`<span class="section"> · ${source.section}</span>` : nothing}</span
          >`;
        return html`<li>
          ${link
            ? html`<a data-testid="source" href=${link} target="_blank" rel="noopener noreferrer" title=${source.excerpt ?? nothing}
                >${label}</a
              >`
            : html`<span data-testid="source" title=${source.excerpt ?? nothing}>${label}</span>`}
        </li>`;
      })}
    </ul>
  </div>`;
}

export const sourceStyles = css`
  .sources {
    margin-top: 6px;
    padding: 2px 2px 0;
    font-size: 13px;
    line-height: 1.45;
  }
  .sources p {
    margin: 0 0 3px;
    color: var(--ink-soft);
    font-size: 12px;
  }
  .sources ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .sources li + li {
    margin-top: 4px;
  }
  .sources a,
  .sources li > span {
    display: flex;
    align-items: baseline;
    gap: 6px;
    color: var(--ink);
    text-decoration: none;
  }
  .sources a .label {
    color: var(--accent);
    text-decoration: underline;
    text-underline-offset: 3px;
    text-decoration-color: color-mix(in srgb, var(--accent) 45%, transparent);
  }
  .sources a:hover .label {
    text-decoration-color: currentColor;
  }
  .sources .kind {
    flex: none;
    padding: 0 6px;
    border: 1px solid var(--line);
    border-radius: 5px;
    background: var(--paper);
    color: var(--ink-soft);
    font-size: 12px;
  }
`;
