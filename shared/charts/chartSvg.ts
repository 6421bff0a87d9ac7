/** Charts as SVG: lines, points, bars and intervals with axes, grid and legend; for reports, exports and the page. */

import type { SvgChart, SvgMark } from './svgChart.ts';
import { layOut, type LegendEntry, type SvgFrame } from './svgFrame.ts';

export interface ChartStyle {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  /** Absent: transparent. */
  readonly ground?: string;
}

export interface SvgOptions {
  /** CSS pixels; default 720 × 360. */
  readonly width?: number;
  readonly height?: number;
  /** Default: greys that are read on white and on black. */
  readonly style?: ChartStyle;
}

const neutralStyle: ChartStyle = { text: '#757575', muted: '#757575', grid: '#75757540' };
export const paperStyle: ChartStyle = {
  text: '#111111',
  muted: '#444444',
  grid: '#dddddd',
  ground: '#ffffff',
};

/** A whole SVG document without script, style sheet or reference; texts are escaped. */
export function chartSvg(chart: SvgChart, options: SvgOptions = {}): string {
  const { width = 720, height = 360, style = neutralStyle } = options;
  const frame = layOut(chart, width, height);
  const ground =
    style.ground === undefined ? '' : `<rect width="100%" height="100%" fill="${style.ground}"/>`;
  const title = escapeXml(chart.title);
  const heading = chart.isTitleHidden
    ? ''
    : `<text x="16" y="20" fill="${style.text}" font-size="14" font-weight="600">${title}</text>`;
  const marks = chart.marks.map((mark) => drawMark(mark, frame, style)).join('');
  const attributes = [
    'xmlns="http://www.w3.org/2000/svg" role="img"',
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    'font-family="Inter, system-ui, sans-serif" font-size="12"',
  ].join(' ');
  const parts = [
    ground,
    heading,
    ...(chart.isImage ? [] : drawAxes(chart, frame, style)),
    clip(frame, marks, roomForDots),
    drawLegend(frame, style),
  ];
  return `<svg ${attributes}><title>${title}</title>${parts.join('')}</svg>`;
}

/** For XML texts and attributes; characters that XML forbids are left out. */
export function escapeXml(value: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": 'apos',
  };
  const allowed = value.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
  return allowed.replace(/[&<>"']/g, (letter) => `&${names[letter]};`);
}

/** Dots at the edge of the plot are whole; CSS pixels. */
const roomForDots = 5;

/** Half the width of a line, so that one along the edge of the plot is whole; CSS pixels. */
const roomForLines = 1;

/** Hides what is further outside the plot than `room`. */
function clip({ left, top, right, bottom }: SvgFrame, marks: string, room: number): string {
  const [x, y] = [left - room, top - room];
  return `<svg x="${x}" y="${y}" width="${right + room - x}" height="${bottom + room - y}" viewBox="${x} ${y} ${right + room - x} ${bottom + room - y}">${marks}</svg>`;
}

function drawAxes({ x, y }: SvgChart, frame: SvgFrame, style: ChartStyle): string[] {
  const { left, top, right, bottom } = frame;
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
  const label = `fill="${style.muted}"`;
  return [
    ...frame.x.ticks.map((tick) => {
      const at = frame.x.place(tick);
      return `<path d="M${at} ${top}V${bottom + 4}" stroke="${style.grid}"/><text x="${at}" y="${bottom + 17}" ${label} text-anchor="middle">${escapeXml(frame.x.format(tick))}</text>`;
    }),
    ...frame.y.ticks.map((tick) => {
      const at = frame.y.place(tick);
      return `<path d="M${left - 4} ${at}H${right}" stroke="${style.grid}"/><text x="${left - 8}" y="${at + 4}" ${label} text-anchor="end">${escapeXml(frame.y.format(tick))}</text>`;
    }),
    `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="${style.muted}"/>`,
    `<text x="${middle.x}" y="${bottom + 36}" ${label} text-anchor="middle">${escapeXml(x.title)}</text>`,
    `<text transform="translate(14 ${middle.y}) rotate(-90)" ${label} text-anchor="middle">${escapeXml(y.title)}</text>`,
  ];
}

function drawLegend({ legend }: SvgFrame, style: ChartStyle): string {
  return legend
    .map((entry) => {
      const { text, left, top } = entry;
      return `${drawSample(entry)}<text x="${left + 30}" y="${top}" fill="${style.text}">${escapeXml(text)}</text>`;
    })
    .join('');
}

/** A piece of the line, or a spot of the colour. */
function drawSample({ mark, left, top }: LegendEntry): string {
  const at = top - 4;
  if (mark.kind === 'cells') {
    const width = 24 / mark.scale.length;
    const parts = mark.scale.map(
      (colour, index) =>
        `<rect x="${tidy(left + index * width)}" y="${at - 5}" width="${tidy(width + 0.5)}" height="10" fill="${colour}"/>`,
    );
    return parts.join('');
  }
  if (mark.kind !== 'line')
    return `<rect x="${left + 6}" y="${at - 5}" width="10" height="10" fill="${mark.colour}"/>`;
  const dash = mark.dash.length > 0 ? ` stroke-dasharray="${mark.dash.join(' ')}"` : '';
  return `<path d="M${left} ${at}h24" stroke="${mark.colour}" stroke-width="2"${dash}/>`;
}

type Of<Kind extends SvgMark['kind']> = Extract<SvgMark, { readonly kind: Kind }>;

function drawMark(mark: SvgMark, frame: SvgFrame, style: ChartStyle): string {
  if (mark.kind === 'line') return drawLine(mark, frame);
  if (mark.kind === 'points') return drawPoints(mark, frame);
  if (mark.kind === 'bars') return drawBars(mark, frame);
  if (mark.kind === 'interval') return drawInterval(mark, frame);
  if (mark.kind === 'cells') return drawCells(mark, frame);
  const [x1, x2] = [mark.from[0], mark.to[0]].map(frame.x.place);
  const [y1, y2] = [mark.from[1], mark.to[1]].map(frame.y.place);
  return `<path d="M${x1} ${y1}L${x2} ${y2}" fill="none" stroke="${style.muted}" stroke-dasharray="3 3"/>`;
}

function drawLine({ points, band, colour, dash, hasDots, opacity }: Of<'line'>, frame: SvgFrame): string {
  const places = placesOf(points, frame);
  const path = places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
  const faint = opacity === undefined ? '' : ` opacity="${opacity}"`;
  const whole = `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.75" stroke-linejoin="round"${dashes}/>`;
  const line = places.every((place) => isInPlot(place, frame)) ? whole : clip(frame, whole, roomForLines);
  const dots = hasDots || places.length === 1 ? places.map((place) => dot(place, 3)).join('') : '';
  return `<g fill="${colour}"${faint}>${drawBand(points, band ?? [], frame)}${path === '' ? '' : line}${dots}</g>`;
}

function isInPlot([x, y]: readonly [number, number], { left, top, right, bottom }: SvgFrame): boolean {
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** Draws the band in the parts where neighbouring points have an interval. */
function drawBand(
  points: Of<'line'>['points'],
  band: NonNullable<Of<'line'>['band']>,
  { x, y }: SvgFrame,
): string {
  const shapes = points.slice(1).map(([to], index) => {
    const [before, after] = [band[index], band[index + 1]];
    if (!before || !after) return '';
    const corners = [
      [points[index][0], before[0]],
      [to, after[0]],
      [to, after[1]],
      [points[index][0], before[1]],
    ].map(([across, up]) => [x.place(across), y.place(up)]);
    return corners.flat().every(Number.isFinite)
      ? `M${corners.map((each) => each.join(' ')).join('L')}Z`
      : '';
  });
  const path = shapes.join('');
  return path === '' ? '' : `<path d="${path}" fill-opacity="0.16"/>`;
}

function drawPoints({ points, colour, shape }: Of<'points'>, frame: SvgFrame): string {
  const places = placesOf(points, frame);
  if (shape) {
    const marks = places.map((place) => (shape === 'square' ? square(place, 4) : dot(place, 4.5)));
    return `<g fill="${colour}">${marks.join('')}</g>`;
  }
  const dots = places.map((place) => dot(place, 3));
  return `<g fill="${colour}" fill-opacity="0.6">${dots.join('')}</g>`;
}

function drawBars({ bars, colour }: Of<'bars'>, { x, y }: SvgFrame): string {
  const ground = y.place(0);
  const shapes = bars
    .filter(({ value }) => value !== 0)
    .map(({ from, to, value }) => {
      const [left, right] = [x.place(from), x.place(to)];
      const [top, bottom] = [y.place(value), ground].sort((one, other) => one - other);
      // A gap of one pixel separates neighbours.
      const width = Math.max(1, right - left - 1);
      return `<rect x="${left}" y="${top}" width="${tidy(width)}" height="${tidy(bottom - top)}"/>`;
    });
  return `<g fill="${colour}">${shapes.join('')}</g>`;
}

function drawInterval({ row, low, mean, high, colour }: Of<'interval'>, { x, y }: SvgFrame): string {
  const [left, middle, right] = [low, mean, high].map(x.place);
  const at = y.place(row);
  const path = `M${left} ${at}H${right}M${left} ${at - 5}v10M${right} ${at - 5}v10`;
  return `<g fill="${colour}"><path d="${path}" fill="none" stroke="${colour}" stroke-width="1.75"/>${dot([middle, at], 4)}</g>`;
}

function drawCells({ columns, colours }: Of<'cells'>, { x, y }: SvgFrame): string {
  const shapes = colours.map((colour, cell) => {
    if (colour === null) return '';
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    const [left, top] = [x.place(column), y.place(row)];
    const [width, height] = [x.place(column + 1) - left, y.place(row + 1) - top];
    return `<rect x="${left}" y="${top}" width="${tidy(width)}" height="${tidy(height)}" fill="${colour}"/>`;
  });
  return `<g shape-rendering="crispEdges">${shapes.join('')}</g>`;
}

function placesOf(
  points: readonly (readonly [number, number])[],
  { x, y }: SvgFrame,
): (readonly [number, number])[] {
  return points
    .map(([across, up]) => [x.place(across), y.place(up)] as const)
    .filter((place) => place.every(Number.isFinite));
}

function dot([x, y]: readonly [number, number], radius: number): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}"/>`;
}

function square([x, y]: readonly [number, number], half: number): string {
  return `<rect x="${tidy(x - half)}" y="${tidy(y - half)}" width="${2 * half}" height="${2 * half}"/>`;
}

function tidy(value: number): number {
  return Math.round(value * 10) / 10;
}
