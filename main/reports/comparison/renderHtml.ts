/** A report as one HTML file: read without script, without network, on a screen or on paper. */

import { formatMoment } from '../../../shared/text/formatTime.ts';
import { html, jsonData, type Markup } from './html.ts';
import type { ReportModel } from './reportModel.ts';
import type { ReportSection } from './reportSections.ts';
import { reportStyle } from './reportStyle.ts';

/** Nothing is fetched and nothing is run: pictures stand in the file, and the numbers are data. */
const contentPolicy =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** `numbers` stand in the element with the id `numbers` as JSON. */
export function renderHtml(
  { title, version, createdAt }: ReportModel,
  { sections, numbers }: { sections: readonly ReportSection[]; numbers: unknown },
): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="content-security-policy" content="${contentPolicy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Sparse Field Lab ${version}" />
        <title>${title}</title>
        <style>
          ${{ markup: reportStyle }}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>Sparse Field Lab ${version} · <time datetime="${createdAt}">${formatMoment(createdAt)}</time></p>
        </header>
        <nav aria-label="Sections">
          <ul>
            ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
          </ul>
        </nav>
        <main>${sections.map(sectionHtml)}</main>
        <script type="application/json" id="numbers">
          ${jsonData(numbers)}
        </script>
      </body>
    </html> `;
  return page.markup;
}

function sectionHtml({ id, title, body }: ReportSection): Markup {
  return html` <section id="${id}">
    <h2>${title}</h2>
    ${body}
  </section>`;
}
