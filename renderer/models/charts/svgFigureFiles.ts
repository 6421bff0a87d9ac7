/** Exports of an SVG chart: its numbers as CSV, its drawing as PNG. */

import type { SvgChart, SvgMark } from '../../../shared/charts/svgChart.ts';
import { csvNumber } from '../../../shared/numbers/nonFinite.ts';
import { formatCsv } from '../../../shared/text/textTable.ts';

/** Returns all marks as CSV (RFC 4180), one line per point; bars at their centre, intervals with both ends. */
export function chartCsv({ x, y, marks }: SvgChart): string {
  const names = y.categories;
  const lines = marks.flatMap((mark) => linesOf(mark, names));
  const head = ['series', x.title, y.title || 'row', 'low', 'high'];
  return formatCsv([head, ...lines]);
}

/** Rules are not exported. */
function linesOf(mark: SvgMark, names: readonly string[] | undefined): string[][] {
  if (mark.kind === 'rule') return [];
  if (mark.kind === 'bars')
    return mark.bars.map(({ from, to, value }) =>
      [mark.label, (from + to) / 2, value, from, to].map(csvNumber),
    );
  if (mark.kind === 'interval')
    return [['', csvNumber(mark.mean), names?.[mark.row] ?? '', csvNumber(mark.low), csvNumber(mark.high)]];
  return mark.points.map(([across, up]) => [mark.label, csvNumber(across), csvNumber(up), '', '']);
}

/** Renders an SVG document as a PNG at twice its size. @throws Error when the browser cannot draw it. */
export async function svgPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = 2;
  const canvas = new OffscreenCanvas(image.naturalWidth * scale, image.naturalHeight * scale);
  const context = canvas.getContext('2d');
  if (!context)
    throw new Error('This browser provides no canvas to draw the chart on. Save it as SVG instead.');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
