/** Everything of a figure that is not a pixel image: text and hairlines, as SVG without any font. */

import type { Image } from '../../shared/images/image.ts';
import { captionStyle, headingStyle, lineHeight, titleStyle } from './figureLayout.ts';
import type { FigureLayout } from './figureLayout.ts';
import type { Typesetter } from './typesetter.ts';

export interface FigureCell {
  readonly image: Image;
  readonly caption?: string;
  /** Whether the caption is the best of its row. */
  readonly isBest?: boolean;
}

export interface OutlineOptions {
  readonly layout: FigureLayout;
  /** [row][column]. */
  readonly cells: readonly (readonly FigureCell[])[];
  readonly rowLabels: readonly string[];
  readonly imageHeight: number;
  readonly imageWidth: number;
}

const ink = '#1a1a1e';
const softInk = '#5b5e66';
const hairline = '#c9ccd3';

/** An SVG of the figure's size with transparent ground. */
export function outlineFigure(typesetter: Typesetter, options: OutlineOptions): string {
  const { width, height } = options.layout;
  const paths = [
    ...outlineTitle(typesetter, options),
    ...outlineHeadings(typesetter, options),
    ...outlineRows(typesetter, options),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paths.join('')}</svg>`;
}

function outlineTitle(typesetter: Typesetter, { layout }: OutlineOptions): string[] {
  return layout.titleLines.map((line, index) => {
    const y = layout.titleBaseline + index * (titleStyle.size + 7);
    return fillPath(
      typesetter.outline(line, { ...titleStyle, x: layout.titleLeft, y, anchor: 'start' }),
      ink,
    );
  });
}

/** The last line of every heading stands on the same baseline, right above the images. */
function outlineHeadings(typesetter: Typesetter, { layout }: OutlineOptions): string[] {
  return layout.headings.flatMap((lines, column) =>
    lines.map((line, index) => {
      const y = layout.imageTop(0) - 9 - (lines.length - 1 - index) * lineHeight;
      const x = layout.columnCentre(column);
      return fillPath(typesetter.outline(line, { ...headingStyle, x, y, anchor: 'middle' }), ink);
    }),
  );
}

function outlineRows(typesetter: Typesetter, options: OutlineOptions): string[] {
  const { layout, cells, rowLabels, imageHeight, imageWidth } = options;
  return cells.flatMap((line, row) => {
    const top = layout.imageTop(row);
    const labelPlace = { x: layout.labelRight, y: top + imageHeight / 2 + 5, anchor: 'end' } as const;
    const label = fillPath(typesetter.outline(rowLabels[row], { ...headingStyle, ...labelPlace }), ink);
    const frames = line.map((_, column) => {
      const place = `x="${layout.imageLeft(column) - 0.5}" y="${top - 0.5}"`;
      const size = `width="${imageWidth + 1}" height="${imageHeight + 1}"`;
      return `<rect ${place} ${size} fill="none" stroke="${hairline}"/>`;
    });
    const captions = line.map(({ caption = '', isBest = false }, column) => {
      const weight = isBest ? 'semibold' : captionStyle.weight;
      const place = {
        x: layout.columnCentre(column),
        y: top + imageHeight + lineHeight,
        anchor: 'middle',
      } as const;
      const path = typesetter.outline(caption, { ...captionStyle, ...place, weight });
      return fillPath(path, isBest ? ink : softInk);
    });
    return [label, ...frames, ...captions];
  });
}

function fillPath(data: string, colour: string): string {
  return data === '' ? '' : `<path d="${data}" fill="${colour}"/>`;
}
