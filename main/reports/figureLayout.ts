/** Where everything of a figure stands: a title, headings over columns of images, captions below them. */

import type { TextStyle, Typesetter } from './typesetter.ts';

export const titleStyle: TextStyle = { size: 19, weight: 'semibold' };
export const headingStyle: TextStyle = { size: 14, weight: 'semibold' };
export const captionStyle: TextStyle = { size: 13, weight: 'regular' };
export const lineHeight = 18;

const margin = 28;
const gap = 14;
/** Narrow images still get columns in which a caption fits. */
const narrowestColumn = 104;

export interface FigureLayout {
  readonly width: number;
  readonly height: number;
  /** Top of the first image row's headings; their last line stands right above the images. */
  readonly headings: readonly (readonly string[])[];
  readonly titleLines: readonly string[];
  /** Middle of a column. */
  readonly columnCentre: (column: number) => number;
  /** Left edge of the images of a column, and upper edge of those of a row. */
  readonly imageLeft: (column: number) => number;
  readonly imageTop: (row: number) => number;
  /** Right end of the row labels, and baseline of the first title line. */
  readonly labelRight: number;
  readonly titleLeft: number;
  readonly titleBaseline: number;
}

export interface LayoutOptions {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rowLabels: readonly string[];
  /** Size of an image in the figure, in pixels. */
  readonly imageHeight: number;
  readonly imageWidth: number;
}

/** Columns are as wide as the image or the longest word of a heading; a row takes its images and one caption line. */
export function layOutFigure(typesetter: Typesetter, options: LayoutOptions): FigureLayout {
  const { title, headings, rowLabels, imageHeight, imageWidth } = options;
  const words = headings.flatMap((heading) => heading.split(/\s+/));
  const columnWidth = Math.ceil(
    Math.max(imageWidth, narrowestColumn, ...words.map((word) => typesetter.measure(word, headingStyle))),
  );
  const labelWidth = Math.ceil(
    Math.max(...rowLabels.map((label) => typesetter.measure(label, headingStyle))),
  );
  const left = margin + (labelWidth > 0 ? labelWidth + gap : 0);
  const width = left + headings.length * (columnWidth + gap) - gap + margin;
  const titleLines = typesetter.wrap(title, { ...titleStyle, width: width - 2 * margin });
  const wrapped = headings.map((heading) =>
    typesetter.wrap(heading, { ...headingStyle, width: columnWidth }),
  );
  const headingLines = Math.max(...wrapped.map((lines) => lines.length));
  const titleHeight = titleLines.length * (titleStyle.size + 7);
  const top = margin + titleHeight + gap + headingLines * lineHeight + 4;
  const rowHeight = imageHeight + lineHeight + gap;
  const columnLeft = (column: number) => left + column * (columnWidth + gap);
  return {
    width,
    height: top + rowLabels.length * rowHeight - gap + margin,
    headings: wrapped,
    titleLines,
    columnCentre: (column) => columnLeft(column) + columnWidth / 2,
    imageLeft: (column) => columnLeft(column) + Math.floor((columnWidth - imageWidth) / 2),
    imageTop: (row) => top + row * rowHeight,
    labelRight: left - gap,
    titleLeft: margin,
    titleBaseline: margin + titleStyle.size - 4,
  };
}
