/** The comparison figure: a row an image, with truth, observed pixels and every method's result side by side. */

import sharp from 'sharp';
import type { Image, SparseObservation } from '../../shared/images/image.ts';
import { outlineFigure } from './figureOutline.ts';
import type { FigureCell } from './figureOutline.ts';
import { layOutFigure } from './figureLayout.ts';
import type { FigureLayout } from './figureLayout.ts';
import { createTypesetter } from './typesetter.ts';
import { formatDecibels } from '../../shared/text/format.ts';

export interface FigureResult {
  /** Column heading; the same in every row. */
  readonly label: string;
  readonly image: Image;
  /** dB; infinite is printed as "exact". Without it the image has no caption. */
  readonly psnr?: number | null;
}

export interface FigureRow {
  readonly truth: Image;
  /** What was observed: drawn from its pixels, or as it was kept. */
  readonly input: SparseObservation | DrawnInput;
  readonly results: readonly FigureResult[];
  /** Stands to the left of the row. */
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

/** Neither a colour nor a likely grey of a photograph. */
export const unobservedGround = { r: 224, g: 226, b: 231 } as const;
const unobservedColour = [unobservedGround.r, unobservedGround.g, unobservedGround.b];
const preferredWidth = 160;
/** Pixels of a whole figure; 300 MB as raw RGB. */
const largestFigure = 1e8;

/**
 * A PNG on white ground, images enlarged without interpolation and clamped to [0, 1]; the best PSNR of a row is bold.
 * @throws Error when there is no row, sizes or labels differ between rows, or the figure would be too large.
 */
export async function renderFigure({ rows, title, scale }: FigureOptions): Promise<Uint8Array> {
  assertUniform(rows);
  const { truth, results } = rows[0];
  const factor = scale ?? Math.max(1, Math.round(preferredWidth / truth.width));
  if (!Number.isInteger(factor) || factor < 1) {
    throw new Error(`Figure scale ${factor}: expected a whole number of at least 1; round it.`);
  }
  const typesetter = createTypesetter();
  const imageSize = { imageHeight: truth.height * factor, imageWidth: truth.width * factor };
  const headings = ['truth', 'input', ...results.map(({ label }) => label)];
  const rowLabels = rows.map(({ label }) => label ?? '');
  const layout = layOutFigure(typesetter, { title, headings, rowLabels, ...imageSize });
  assertDrawable(layout);
  const cells = rows.map(describeCells);
  const canvas = new Uint8Array(layout.width * layout.height * 3).fill(255);
  cells.forEach((line, row) =>
    line.forEach(({ image }, column) => {
      const place = {
        left: layout.imageLeft(column),
        top: layout.imageTop(row),
        width: layout.width,
        factor,
      };
      drawImage(canvas, image, place);
    }),
  );
  const outlines = outlineFigure(typesetter, { layout, cells, rowLabels, ...imageSize });
  const raw = { width: layout.width, height: layout.height, channels: 3 } as const;
  return sharp(canvas, { raw, limitInputPixels: largestFigure })
    .composite([{ input: Buffer.from(outlines) }])
    .png()
    .toBuffer();
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
  const pixels = truth.height * truth.width;
  return [
    { image: truth },
    'indices' in input
      ? { image: drawObservation(input), caption: `${input.indices.length} of ${pixels} px` }
      : input,
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
