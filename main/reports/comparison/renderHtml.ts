/** Renders a report as one HTML file that needs no script and no network, for screen and paper. */

import { formatMoment } from '../../../shared/text/format.ts';
import { html, jsonData, type Markup } from './html.ts';
import type { ReportModel } from './reportModel.ts';
import type { ReportSection } from './reportSections.ts';

/** Forbids scripts and network access: images are embedded, and the numbers are data. */
const contentPolicy =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Returns the HTML; the element with the id `numbers` contains `numbers` as JSON. */
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

const reportStyle = `
:root { color-scheme: light dark; --ink: #16191d; --soft: #565c66; --line: #d5d9df; --ground: #ffffff; --tint: #f3f5f8; --mark: #0067a5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a4acb8; --line: #3a424d; --ground: #14181d; --tint: #1d232a; --mark: #6bb3f0; } }
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); font: 15px/1.5 Inter, system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; }
body { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
header { border-bottom: 2px solid var(--ink); margin-bottom: 1.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1.02rem; margin: 1.6rem 0 .3rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; max-width: 48rem; overflow-wrap: anywhere; }
header p, .note, dt { color: var(--soft); }
.question { font-style: italic; white-space: pre-wrap; }
#introduction pre { background: var(--tint); padding: .6rem .8rem; overflow-x: auto; }
#introduction blockquote { border-left: 3px solid var(--line); margin: .5rem 0; padding-left: .8rem; }
.verdict { background: var(--tint); border-left: 4px solid var(--mark); padding: .7rem 1rem; }
.badge { border: 1px solid #c65100; border-radius: 4px; padding: .5rem .8rem; }
nav ul { columns: 2; list-style: none; margin: 1rem 0; padding: 0; }
a { color: var(--mark); }
.wide { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; font-size: .82rem; font-variant-numeric: tabular-nums; min-width: 60%; }
th, td { padding: .28rem .55rem; text-align: left; vertical-align: bottom; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; overflow-wrap: normal; }
tbody th { font-weight: 500; min-width: 9rem; max-width: 22rem; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; }
figure { margin: 1rem 0; }
figure svg, figure img { max-width: 100%; height: auto; display: block; background: #ffffff; border: 1px solid var(--line); border-radius: 4px; }
pre { background: var(--tint); padding: .8rem 1rem; font: .8rem/1.5 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
pre span { display: inline-block; max-width: 100%; }
pre p { margin: 0 0 .5rem; max-width: none; break-inside: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .4rem 0; font-size: .86rem; }
dd { margin: 0; overflow-wrap: anywhere; }
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-center { content: counter(page) ' / ' counter(pages); color: #444444; font: 8pt system-ui, sans-serif; } }
@media print {
  :root { color-scheme: light; --ink: #000000; --soft: #444444; --line: #cccccc; --ground: #ffffff; --tint: #f3f5f8; --mark: #0067a5; }
  html { font-size: 10.5pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3, h3 + p { break-after: avoid; }
  p + figure { break-before: avoid; }
  figure, tr, dl, .verdict, #images { break-inside: avoid; }
  figure img { max-height: 165mm; width: auto; }
  dl { font-size: 8pt; }
  thead { display: table-header-group; }
  tbody tr:nth-child(-n+3) { break-after: avoid; }
  tbody tr:nth-last-child(-n+3) { break-before: avoid; }
  .wide { overflow: visible; }
  table { font-size: 7.2pt; width: 100%; }
  th, td { padding: .2rem .28rem; }
  tbody th { min-width: 0; }
}
`;
