/** The marks of a chart as SVG elements. */

import type { SvgLook } from './chartSvg.ts';
import type { SvgMark } from './svgChart.ts';
import type { SvgFrame } from './svgFrame.ts';

type Of<Kind extends SvgMark['kind']> = Extract<SvgMark, { readonly kind: Kind }>;

export function drawMark(mark: SvgMark, frame: SvgFrame, look: SvgLook): string {
  if (mark.kind === 'line') return drawLine(mark, frame);
  if (mark.kind === 'points') return drawPoints(mark, frame);
  if (mark.kind === 'bars') return drawBars(mark, frame);
  if (mark.kind === 'interval') return drawInterval(mark, frame);
  const [x1, x2] = [mark.from[0], mark.to[0]].map(frame.x.place);
  const [y1, y2] = [mark.from[1], mark.to[1]].map(frame.y.place);
  return `<path d="M${x1} ${y1}L${x2} ${y2}" fill="none" stroke="${look.muted}" stroke-dasharray="3 3"/>`;
}

function drawLine({ points, colour, dash, hasDots, opacity }: Of<'line'>, frame: SvgFrame): string {
  const places = placesOf(points, frame);
  const path = places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
  const faint = opacity === undefined ? '' : ` opacity="${opacity}"`;
  const line = `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.75" stroke-linejoin="round"${dashes}/>`;
  const dots = hasDots || places.length === 1 ? places.map((place) => dot(place, 3)).join('') : '';
  return `<g fill="${colour}"${faint}>${path === '' ? '' : line}${dots}</g>`;
}

function drawPoints({ points, colour }: Of<'points'>, frame: SvgFrame): string {
  const dots = placesOf(points, frame).map((place) => dot(place, 3));
  return `<g fill="${colour}" fill-opacity="0.6">${dots.join('')}</g>`;
}

function drawBars({ bars, colour }: Of<'bars'>, { x, y }: SvgFrame): string {
  const ground = y.place(0);
  const shapes = bars
    .filter(({ value }) => value !== 0)
    .map(({ from, to, value }) => {
      const [left, right] = [x.place(from), x.place(to)];
      const [top, bottom] = [y.place(value), ground].sort((one, other) => one - other);
      // A gap of a pixel, so that neighbours are told apart.
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

function tidy(value: number): number {
  return Math.round(value * 10) / 10;
}
