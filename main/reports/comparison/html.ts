/** HTML templates that escape their values, so that no other text can become markup; tables and Markdown. */

import { comparisonCells, type ComparisonTable } from '../../../shared/comparison/comparisonTables.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';
import { type MarkdownBlock, type MarkdownInline, parseMarkdown } from '../../../shared/text/markdown.ts';

/** Text that is valid markup. */
export interface Markup {
  readonly markup: string;
}

export type HtmlPart = Markup | string | number | null | readonly HtmlPart[];

/** Template tag that escapes all values except markup; lists are joined, null is empty. */
export function html(texts: TemplateStringsArray, ...values: readonly HtmlPart[]): Markup {
  const parts = texts.flatMap((text, index) => (index === 0 ? [text] : [toMarkup(values[index - 1]), text]));
  return { markup: parts.join('') };
}

/** Marks an SVG document of `chartSvg`, whose text is escaped, as markup. */
export function svgMarkup(svg: string): Markup {
  return { markup: svg };
}

/** Returns a value as JSON for a script element of type JSON; no text in it can end the element. */
export function jsonData(value: unknown): Markup {
  const text = stringifyJson(value).replace(/[<>&\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return { markup: text };
}

function toMarkup(value: HtmlPart): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return 'markup' in value ? value.markup : value.map(toMarkup).join('');
}

const names: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": '#39',
};

/** Escapes text; control characters become spaces, except line breaks. */
function escapeHtml(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, ' ').replace(/[&<>"']/g, (sign) => `&${names[sign]};`);
}

/** Renders a comparison table; the best value of each quality column is bold. */
export function comparisonTableHtml<Row extends { readonly method: string }>(
  table: ComparisonTable<Row>,
  first = 'Method',
): Markup {
  const cells = comparisonCells(table);
  const heads = table.columns.map(
    ({ heading }) =>
      html`<th scope="col" class="number">
        ${heading.map((line, at) => (at === 0 ? line : html`<br />${line}`))}
      </th>`,
  );
  const lines = table.rows.map(
    ({ method }, index) =>
      html` <tr>
        <th scope="row">${method}</th>
        ${cells[index].map(({ text, isBest }) =>
          isBest
            ? html`<td class="number"><strong>${text}</strong></td>`
            : html`<td class="number">${text}</td>`,
        )}
      </tr>`,
  );
  const caption =
    table.title === ''
      ? null
      : html`<h3>${table.title}</h3>
          <p>${table.note}</p>`;
  const note = table.title === '' && table.note !== '' ? html`<p class="note">${table.note}</p>` : null;
  return html`${caption}
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">${first}</th>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${lines}
        </tbody>
      </table>
    </div>
    ${note}`;
}

/** Renders a table of plain text; the columns from `numbersFrom` on are aligned to the right. */
export function textTableHtml(
  heads: readonly string[],
  lines: readonly (readonly string[])[],
  numbersFrom = Infinity,
): Markup {
  const cell = (text: string, column: number) => {
    if (column === 0) return html`<th scope="row">${text}</th>`;
    return column >= numbersFrom ? html`<td class="number">${text}</td>` : html`<td>${text}</td>`;
  };
  const head = heads.map((text, column) =>
    column >= numbersFrom
      ? html`<th scope="col" class="number">${text}</th>`
      : html`<th scope="col">${text}</th>`,
  );
  return html` <div class="wide">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          (line) =>
            html` <tr>
              ${line.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Returns a text in Markdown as markup. Headings are below that of a section. */
export function markdownHtml(text: string): Markup {
  return html`${parseMarkdown(text).map(blockHtml)}`;
}

function blockHtml(block: MarkdownBlock): Markup {
  switch (block.kind) {
    case 'heading':
      return headings[block.level - 1](inlineHtml(block.content));
    case 'paragraph':
      return html`<p>${inlineHtml(block.content)}</p>`;
    case 'list': {
      const items = block.items.map((item) => html`<li>${item.map(blockHtml)}</li>`);
      return block.isOrdered
        ? html`<ol start="${block.start}">
            ${items}
          </ol>`
        : html`<ul>
            ${items}
          </ul>`;
    }
    case 'quote':
      return html`<blockquote>${block.content.map(blockHtml)}</blockquote>`;
    case 'rule':
      return html`<hr />`;
    case 'code':
      return html`<pre>${block.text}</pre>`;
  }
}

const headings = [
  (content: readonly Markup[]) => html`<h3>${content}</h3>`,
  (content: readonly Markup[]) => html`<h4>${content}</h4>`,
  (content: readonly Markup[]) => html`<h5>${content}</h5>`,
] as const;

function inlineHtml(parts: readonly MarkdownInline[]): Markup[] {
  return parts.map((part) => {
    switch (part.kind) {
      case 'text':
        return html`${part.text}`;
      case 'code':
        return html`<code>${part.text}</code>`;
      case 'break':
        return html`<br />`;
      case 'strong':
        return html`<strong>${inlineHtml(part.content)}</strong>`;
      case 'emphasis':
        return html`<em>${inlineHtml(part.content)}</em>`;
      case 'deleted':
        return html`<del>${inlineHtml(part.content)}</del>`;
      case 'link':
        return html`<a href="${part.href}" rel="noopener noreferrer">${inlineHtml(part.content)}</a>`;
    }
  });
}
