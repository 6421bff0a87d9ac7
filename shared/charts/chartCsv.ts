/** The numbers of charts as CSV (RFC 4180). */

import { csvNumber } from '../numbers/nonFinite.ts';
import { formatCsv } from '../text/textTable.ts';
import type { SvgChart, SvgMark } from './svgChart.ts';

/** Returns all marks, one line per point; bars at their centre, intervals with both ends. */
export function chartCsv({ x, y, marks }: SvgChart): string {
  const map = marks.find((mark) => mark.kind === 'cells');
  if (map) return cellsCsv(map);
  const names = y.categories;
  const lines = marks.flatMap((mark) => linesOf(mark, names));
  const head = ['series', x.title, y.title || 'row', 'low', 'high'];
  return formatCsv([head, ...lines]);
}

/** Returns the cells of a map, one line per cell with its column and row, from 0. */
function cellsCsv({ columns, values, colours }: Extract<SvgMark, { readonly kind: 'cells' }>): string {
  const names = Object.keys(values);
  const lines = colours.flatMap((_, cell) => {
    const numbers = names.map((name) => values[name][cell]);
    const place = [cell % columns, Math.floor(cell / columns)];
    return numbers.some(Number.isFinite) ? [[...place, ...numbers].map(csvNumber)] : [];
  });
  return formatCsv([['column', 'row', ...names], ...lines]);
}

/**
 * Returns the marks of several charts as `chartCsv` does, with the title of its chart and the names of its axes in each line.
 * If there are maps, a last column has the numbers of their cells, one line for each number and cell.
 */
export function chartsCsv(charts: readonly SvgChart[]): string {
  const hasMaps = charts.some(({ marks }) => marks.some(({ kind }) => kind === 'cells'));
  const lines = charts.flatMap(({ title, x, y, marks, isImage }) =>
    marks
      // Lines on an image mark a place of it.
      .filter(({ kind }) => kind === 'cells' || !isImage)
      .flatMap((mark) => (mark.kind === 'cells' ? cellLines(mark) : linesOf(mark, y.categories)))
      .map(([series, ...numbers]) => [title, series, x.title, y.title, ...numbers])
      .map((line) => (hasMaps ? [...line, ...(line.length < 9 ? [''] : [])] : line)),
  );
  const head = ['chart', 'series', 'x axis', 'y axis', 'x', 'y', 'low', 'high'];
  return formatCsv([[...head, ...(hasMaps ? ['value'] : [])], ...lines]);
}

function cellLines({ columns, values }: Extract<SvgMark, { readonly kind: 'cells' }>): string[][] {
  return Object.entries(values).flatMap(([name, numbers]) =>
    Array.from(numbers).flatMap((value, cell) => {
      const place = [cell % columns, Math.floor(cell / columns)];
      return Number.isFinite(value) ? [[name, ...place.map(csvNumber), '', '', csvNumber(value)]] : [];
    }),
  );
}

/** Rules are not exported. */
function linesOf(mark: SvgMark, names: readonly string[] | undefined): string[][] {
  if (mark.kind === 'rule' || mark.kind === 'cells') return [];
  if (mark.kind === 'bars')
    return mark.bars.map(({ from, to, value }) =>
      [mark.label, (from + to) / 2, value, from, to].map(csvNumber),
    );
  if (mark.kind === 'interval')
    return [['', csvNumber(mark.mean), names?.[mark.row] ?? '', csvNumber(mark.low), csvNumber(mark.high)]];
  const band = mark.kind === 'line' ? mark.band : undefined;
  return mark.points.map(([across, up], index) => [
    mark.series ?? mark.label,
    csvNumber(across),
    csvNumber(up),
    ...(band?.[index]?.map(csvNumber) ?? ['', '']),
  ]);
}
