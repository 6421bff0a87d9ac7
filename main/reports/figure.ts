/** The comparison figure: one row per image, with truth, observed pixels and the result of every method side by side. */

import { escapeXml } from '../../shared/charts/chartSvg.ts';
import type { Image, SparseObservation } from '../../shared/images/image.ts';
import { formatDecibels } from '../../shared/text/format.ts';
import type { TextStyle, Typesetter } from './typesetter.ts';

export interface FigureResult {
  /** Column heading; the same in every row. */
  readonly label: string;
  readonly image: Image;
  /** dB; infinite is printed as "exact". Without it the image has no caption. */
  readonly psnr?: number | null;
}

export interface FigureRow {
  readonly truth: Image;
  /** The observed pixels, or an image of them. */
  readonly input: SparseObservation | DrawnInput;
  readonly results: readonly FigureResult[];
  /** Label to the left of the row. */
  readonly label?: string;
}

export interface DrawnInput {
  readonly image: Image;
  readonly caption: string;
}

export interface FigureOptions {
  /** At least one; all images of one size, all rows with the same result labels. */
  readonly rows: readonly FigureRow[];
  readonly title: string;
  /** Whole enlargement factor ≥ 1; by default images become about 160 pixels wide. */
  readonly scale?: number;
}

/** Background of unobserved pixels: a grey that is unlikely in a photograph. */
export const unobservedBackground = { r: 224, g: 226, b: 231 } as const;
const unobservedColour = [unobservedBackground.r, unobservedBackground.g, unobservedBackground.b];
const preferredWidth = 160;
/** Pixels of a whole figure; 300 MB as raw RGB. */
const largestFigure = 1e8;

/**
 * Renders a PNG on white, with images clamped to [0, 1] and enlarged without interpolation; the best PSNR of a row is bold.
 * @throws Error when there is no row, sizes or labels differ between rows, or the figure would be too large.
 */
export async function renderFigure(options: FigureOptions): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const { layout, pieces, outlines } = await composeFigure(options);
  const canvas = new Uint8Array(layout.width * layout.height * 3).fill(255);
  for (const { image, left, top, factor } of pieces)
    drawImage(canvas, image, { left, top, width: layout.width, factor });
  const raw = { width: layout.width, height: layout.height, channels: 3 } as const;
  return sharp(canvas, { raw, limitInputPixels: largestFigure })
    .composite([{ input: Buffer.from(svgOf(layout, outlines)) }])
    .png()
    .toBuffer();
}

/**
 * Renders the same figure as an SVG document on white. Texts are outlines, and the images are PNG files inside of it that are
 * enlarged already, so that no viewer blurs their pixels.
 * @throws Error as `renderFigure`.
 */
export async function renderFigureSvg(options: FigureOptions): Promise<string> {
  const { default: sharp } = await import('sharp');
  const { layout, pieces, outlines } = await composeFigure(options);
  const images = pieces.map(async ({ image, left, top, factor }) => {
    const [width, height] = [image.width * factor, image.height * factor];
    const canvas = new Uint8Array(width * height * 3);
    drawImage(canvas, image, { left: 0, top: 0, width, factor });
    const png = await sharp(canvas, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    const place = `x="${left}" y="${top}" width="${width}" height="${height}"`;
    return `<image ${place} href="data:image/png;base64,${png.toString('base64')}"/>`;
  });
  const title = `<title>${escapeXml(options.title)}</title>`;
  const ground = '<rect width="100%" height="100%" fill="#ffffff"/>';
  return svgOf(layout, [title, ground, ...(await Promise.all(images)), ...outlines]);
}

/** A figure before it is drawn: its layout, its images, and everything else as elements of SVG. */
interface ComposedFigure {
  readonly layout: FigureLayout;
  /** `factor`: whole enlargement. */
  readonly pieces: readonly {
    readonly image: Image;
    readonly left: number;
    readonly top: number;
    readonly factor: number;
  }[];
  readonly outlines: readonly string[];
}

/** @throws Error as `renderFigure`. */
async function composeFigure({ rows, title, scale }: FigureOptions): Promise<ComposedFigure> {
  assertUniform(rows);
  const { truth, results } = rows[0];
  const factor = scale ?? Math.max(1, Math.round(preferredWidth / truth.width));
  if (!Number.isInteger(factor) || factor < 1) {
    throw new Error(`Figure scale ${factor}: expected a whole number of at least 1; round it.`);
  }
  // Loaded here, because commands that draw nothing import this file too.
  const { createTypesetter } = await import('./typesetter.ts');
  const typesetter = createTypesetter();
  const imageSize = { imageHeight: truth.height * factor, imageWidth: truth.width * factor };
  const headings = ['truth', 'input', ...results.map(({ label }) => label)];
  const rowLabels = rows.map(({ label }) => label ?? '');
  const layout = layOutFigure(typesetter, { title, headings, rowLabels, ...imageSize });
  assertDrawable(layout);
  const cells = rows.map(describeCells);
  const pieces = cells.flatMap((line, row) =>
    line.map(({ image }, column) => ({
      image,
      left: layout.imageLeft(column),
      top: layout.imageTop(row),
      factor,
    })),
  );
  const outlines = outlineFigure(typesetter, { layout, cells, rowLabels, ...imageSize });
  return { layout, pieces, outlines };
}

function assertUniform(rows: readonly FigureRow[]): void {
  if (rows.length === 0)
    throw new Error('A figure without rows: expected at least one image; choose one to show.');
  const describe = ({ height, width }: Image | SparseObservation) => `${height}×${width}`;
  const expectedSize = describe(rows[0].truth);
  const expectedLabels = rows[0].results.map(({ label }) => label).join(', ');
  rows.forEach(({ truth, input, results }, row) => {
    const labels = results.map(({ label }) => label).join(', ');
    const given = 'indices' in input ? input : input.image;
    const sizes = [truth, given, ...results.map(({ image }) => image)].map(describe);
    const other = sizes.find((size) => size !== expectedSize);
    if (other)
      throw new Error(
        `Row ${row} has an image of ${other}: expected ${expectedSize} as in row 0; resize it.`,
      );
    if (labels !== expectedLabels) {
      throw new Error(
        `Row ${row} shows "${labels}": expected "${expectedLabels}" as in row 0; give all rows the same.`,
      );
    }
  });
}

function assertDrawable({ width, height }: FigureLayout): void {
  if (width * height > largestFigure) {
    throw new Error(
      `The figure would have ${width}×${height} pixels: expected at most ${largestFigure} in all; ` +
        'show fewer images or lower the scale.',
    );
  }
}

/** Truth, input and results of a row with their captions. */
function describeCells({ truth, input, results }: FigureRow): FigureCell[] {
  const best = Math.max(...results.map(({ psnr }) => psnr ?? -Infinity));
  return [
    { image: truth },
    'indices' in input ? { image: drawObservation(input), caption: captionOf(input) } : input,
    ...results.map(({ image, psnr }) => {
      if (psnr === undefined || psnr === null) return { image };
      return {
        image,
        caption: formatDecibels(psnr),
        isBest: results.length > 1 && psnr === best,
      };
    }),
  ];
}

function captionOf({ height, width, indices, channels }: SparseObservation): string {
  if (!channels) return `${indices.length} of ${height * width} px`;
  if (new Set(indices).size === height * width && indices.length === height * width)
    return 'one channel per pixel';
  return `${indices.length} of ${3 * height * width} values`;
}

function drawObservation({ height, width, indices, values }: SparseObservation): Image {
  const pixels = new Float32Array(height * width * 3).map((_, index) => unobservedColour[index % 3] / 255);
  indices.forEach((pixel, row) => pixels.set(values.subarray(row * 3, row * 3 + 3), pixel * 3));
  return { height, width, values: pixels };
}

interface Place {
  readonly left: number;
  readonly top: number;
  /** Of the canvas. */
  readonly width: number;
  readonly factor: number;
}

function drawImage(canvas: Uint8Array, image: Image, { left, top, width, factor }: Place): void {
  for (let y = 0; y < image.height * factor; y++) {
    for (let x = 0; x < image.width * factor; x++) {
      const source = (Math.floor(y / factor) * image.width + Math.floor(x / factor)) * 3;
      const target = ((top + y) * width + left + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const value = Math.min(1, Math.max(0, image.values[source + channel]));
        canvas[target + channel] = Math.round(value * 255);
      }
    }
  }
}

const titleStyle: TextStyle = { size: 19, weight: 'semibold' };
const headingStyle: TextStyle = { size: 14, weight: 'semibold' };
const captionStyle: TextStyle = { size: 13, weight: 'regular' };
const lineHeight = 18;

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

interface LayoutOptions {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rowLabels: readonly string[];
  /** Size of an image in the figure, in pixels. */
  readonly imageHeight: number;
  readonly imageWidth: number;
}

/** Columns are as wide as the image or the longest word of a heading; a row takes its images and one caption line. */
function layOutFigure(typesetter: Typesetter, options: LayoutOptions): FigureLayout {
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

interface FigureCell {
  readonly image: Image;
  readonly caption?: string;
  /** Whether the caption is the best of its row. */
  readonly isBest?: boolean;
}

interface OutlineOptions {
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

/** Everything but the images. */
function outlineFigure(typesetter: Typesetter, options: OutlineOptions): string[] {
  return [
    ...outlineTitle(typesetter, options),
    ...outlineHeadings(typesetter, options),
    ...outlineRows(typesetter, options),
  ];
}

/** Returns an SVG document of the figure's size; its ground is transparent. */
function svgOf({ width, height }: FigureLayout, elements: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" ${size}>${elements.join('')}</svg>`;
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

/** Draws the headings; their last lines share a baseline just above the images. */
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
