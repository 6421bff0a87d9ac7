/** Charts as the bytes of a file: SVG with text, PNG and PDF with outlined text, CSV. */

import { chartsCsv } from '../../shared/charts/chartCsv.ts';
import { chartSheet } from '../../shared/charts/chartSheet.ts';
import type { SvgChart } from '../../shared/charts/svgChart.ts';
import { createTypesetter, type Typesetter } from './typesetter.ts';

export const figureFormats = ['svg', 'png', 'pdf', 'csv'] as const;
export type FigureFormat = (typeof figureFormats)[number];

/** Charts that belong together. */
export interface ChartFigure {
  readonly title: string;
  readonly charts: readonly SvgChart[];
  readonly columns: number;
  /** Of each chart, CSS pixels; default 480 × 320. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** Pixels of a PNG per CSS pixel. */
const density = 2;

/**
 * Renders a figure on white.
 * @param printPdf Prints an HTML document; needed for PDF alone.
 */
export async function renderChartFigure(
  { title, charts, columns, size }: ChartFigure,
  format: FigureFormat,
  printPdf: (html: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (format === 'csv') return new TextEncoder().encode(chartsCsv(charts));
  const svg = chartSheet(charts, { columns, title, ...size });
  if (format === 'svg') return new TextEncoder().encode(svg);
  // A machine without a display may have no fonts.
  const outlined = outlineTexts(svg, createTypesetter());
  if (format === 'pdf') return printPdf(pageOf(outlined));
  const { default: sharp } = await import('sharp');
  return sharp(Buffer.from(outlined), { density: 72 * density })
    .png()
    .toBuffer();
}

/** Returns an HTML page without margins that is as large as an SVG document, to be printed as PDF. */
export function pageOf(svg: string): string {
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const style = `@page{size:${width}px ${height}px;margin:0}body{margin:0}svg{display:block}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Figure</title><style>${style}</style><body>${svg}</body></html>`;
}

/** Replaces the texts of an SVG document that `chartSvg` wrote by their outlines. */
export function outlineTexts(svg: string, typesetter: Pick<Typesetter, 'outline'>): string {
  return svg.replace(/<text ([^>]*)>([^<]*)<\/text>/g, (_, attributes: string, content: string) => {
    const read = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];
    const path = typesetter.outline(unescapeXml(content), {
      x: Number(read('x') ?? 0),
      y: Number(read('y') ?? 0),
      size: Number(read('font-size') ?? 12),
      weight: read('font-weight') === '600' ? 'semibold' : 'regular',
      anchor: anchors[read('text-anchor') ?? 'start'] ?? 'start',
    });
    const transform = read('transform');
    const turned = transform === undefined ? '' : ` transform="${transform}"`;
    return `<path d="${path}" fill="${read('fill') ?? 'currentColor'}"${turned}/>`;
  });
}

const anchors: Readonly<Record<string, 'start' | 'middle' | 'end'>> = {
  start: 'start',
  middle: 'middle',
  end: 'end',
};

function unescapeXml(text: string): string {
  const letters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => letters[name]);
}
