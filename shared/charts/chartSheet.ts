/** Several charts side by side as one SVG document. */

import { chartSvg, escapeXml, paperStyle, type SvgOptions } from './chartSvg.ts';
import type { SvgChart } from './svgChart.ts';

export interface SheetOptions extends Pick<SvgOptions, 'style'> {
  readonly columns: number;
  /** Of each chart, CSS pixels; default 480 × 320. */
  readonly width?: number;
  readonly height?: number;
  /** Read by screen readers. */
  readonly title: string;
}

/** Returns the charts row by row. The document has no script, style sheet or reference; default: on white. */
export function chartSheet(charts: readonly SvgChart[], options: SheetOptions): string {
  const { width = 480, height = 320, style = paperStyle } = options;
  const columns = Math.max(1, Math.min(options.columns, charts.length));
  const rows = Math.ceil(charts.length / columns);
  const [all, tall] = [columns * width, rows * height];
  const placed = charts.map((chart, index) => {
    const [x, y] = [(index % columns) * width, Math.floor(index / columns) * height];
    return chartSvg(chart, { width, height, style }).replace('<svg ', `<svg x="${x}" y="${y}" `);
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${all}" height="${tall}" viewBox="0 0 ${all} ${tall}">`;
  const ground =
    style.ground === undefined ? '' : `<rect width="100%" height="100%" fill="${style.ground}"/>`;
  return `${head}<title>${escapeXml(options.title)}</title>${ground}${placed.join('')}</svg>`;
}
