/** Tables of a report as HTML. */

import { comparisonCells, type ComparisonTable } from '../../../shared/comparison/comparisonTables.ts';
import { html, type Markup } from './html.ts';

/** The best of each quality column is bold. */
export function comparisonTableHtml(table: ComparisonTable): Markup {
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
            <th scope="col">Method</th>
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

/** Plain words; the columns from `numbersFrom` on stand to the right. */
export function wordTableHtml(
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
