/** Many images on one sheet: image i at column i mod columns, row ⌊i / columns⌋. */

import { imageAt, type ImageBatch, type SparseObservation } from '../../../shared/images/image.ts';
import type { PlanOptions, StateListener } from './evaluateModel.ts';
import type { PixelRows, SheetEvent } from '../protocol.ts';
import type { SampledChunk } from '../sampling/reconstructImages.ts';
import type { SamplingData } from './samplingData.ts';

/** Images of an evaluation that are kept, and columns of their sheet. */
const mostImages = 100;
const mostColumns = 10;
/** Pixels of a sheet: fewer images are kept where they are large. */
const mostPixels = 2 ** 20;

export interface SheetLayout {
  readonly images: number;
  readonly columns: number;
}

export function layOut({
  count,
  height,
  width,
}: Pick<ImageBatch, 'count' | 'height' | 'width'>): SheetLayout {
  const images = Math.min(count, mostImages, Math.max(1, Math.floor(mostPixels / (height * width))));
  return { images, columns: Math.min(images, mostColumns) };
}

export interface Sheet {
  /** Rounded and clamped as they are written. */
  readonly pixels: Uint8ClampedArray;
  /** Where a pixel of an image begins. */
  offset(image: number, pixel: number): number;
  /** The same bytes. */
  readonly rows: PixelRows;
}

function newSheet(
  { height, width }: Pick<ImageBatch, 'height' | 'width'>,
  { images, columns, channels }: SheetLayout & { readonly channels: 3 | 4 },
): Sheet {
  const size = { height: Math.ceil(images / columns) * height, width: columns * width };
  const pixels = new Uint8ClampedArray(size.height * size.width * channels);
  return {
    pixels,
    offset(image, pixel) {
      const x = (image % columns) * width + (pixel % width);
      const y = Math.floor(image / columns) * height + Math.floor(pixel / width);
      return (y * size.width + x) * channels;
    },
    rows: { ...size, channels, pixels: new Uint8Array(pixels.buffer) },
  };
}

/** @param values Of one image, RGB, pixel by pixel; outside [0, 1] they are cut off, as they are where they are scored. */
export function drawImage({ pixels, offset }: Sheet, image: number, values: Float32Array): void {
  for (let pixel = 0; pixel * 3 < values.length; pixel++) {
    const target = offset(image, pixel);
    for (let channel = 0; channel < 3; channel++)
      pixels[target + channel] = values[pixel * 3 + channel] * 255;
  }
}

/** States of a sample that are kept, its start and its end among them. */
export const mostStates = 9;

/** Images at one place along the way. */
interface StateSheet {
  /** Of each image, or one of all. */
  readonly times: readonly number[];
  readonly sheet: Sheet;
}

interface StateSheets {
  add(chunk: Pick<SampledChunk, 'first' | 'count' | 'states'>): void;
  /** From the start on, without the end: the sheet of the row shows it. Empty where nothing was added. */
  finish(): StateSheet[];
}

/**
 * A solver that finds its own steps takes others with every image: one that has no state at a place shows the one before.
 * Values outside [0, 1] are cut off: a state of pure noise is mostly outside.
 */
function createStateSheets(size: ImageBatch, layout: SheetLayout): StateSheets {
  const places = Array.from({ length: mostStates - 1 }, () => ({
    times: [] as number[],
    sheet: newSheet(size, { ...layout, channels: 3 }),
  }));
  return {
    add({ first, count, states }) {
      const images = Math.min(count, layout.images - first);
      places.forEach(({ times, sheet }, place) => {
        states.slice(0, images).forEach((ofImage, row) => {
          const state = ofImage.findLast((each) => each.place <= place);
          if (!state) return;
          drawImage(sheet, first + row, state.values);
          times[first + row] = round(state.time);
        });
      });
    },
    finish: () =>
      places
        .filter(({ times }, place) => times.some((time, image) => time !== places[place - 1]?.times[image]))
        .map(({ times, sheet }) => ({ times: new Set(times).size === 1 ? [times[0]] : times, sheet })),
  };
}

/** Four digits: the same time of two grids is one time, and all of them are short. */
function round(time: number): number {
  return Number(time.toFixed(4));
}

/** What an evaluation hands its images to. */
interface SheetEmitter {
  readonly onReconstructed: NonNullable<PlanOptions['onReconstructed']>;
  readonly stateListener: StateListener;
}

/** Emits the truth and what is known of it with the first row, then one sheet a row, after those of its states. */
export function createSheetEmitter(
  { truth, observations }: Pick<SamplingData, 'truth' | 'observations'>,
  emit: (event: SheetEvent) => void,
): SheetEmitter {
  const layout = layOut(truth);
  const send = (name: string, { rows }: Sheet, times?: readonly number[]) =>
    emit({ type: 'sheet', name, ...layout, rows, ...(times && { times }) });
  let hasBegun = false;
  let onTheWay: ReturnType<typeof createStateSheets> | null = null;
  return {
    stateListener: {
      images: layout.images,
      states: mostStates,
      take: (chunk) => (onTheWay ??= createStateSheets(truth, layout)).add(chunk),
    },
    onReconstructed(method, result) {
      if (!hasBegun) {
        send('truth', drawSheet(truth, layout));
        send('known', drawKnown(truth, { ...layout, observations }));
        hasBegun = true;
      }
      onTheWay?.finish().forEach(({ sheet, times }) => send(method, sheet, times));
      onTheWay = null;
      send(method, drawSheet(result, layout));
    },
  };
}

function drawSheet(batch: ImageBatch, layout: SheetLayout): Sheet {
  const sheet = newSheet(batch, { ...layout, channels: 3 });
  for (let image = 0; image < layout.images; image++) drawImage(sheet, image, imageAt(batch, image).values);
  return sheet;
}

/** Transparent where nothing is known. */
function drawKnown(
  truth: ImageBatch,
  { observations, ...layout }: SheetLayout & Pick<SamplingData, 'observations'>,
): Sheet {
  const sheet = newSheet(truth, { ...layout, channels: 4 });
  observations.slice(0, layout.images).forEach(({ indices, values }, image) => {
    indices.forEach((pixel, row) => {
      const target = sheet.offset(image, pixel);
      for (let channel = 0; channel < 3; channel++)
        sheet.pixels[target + channel] = values[row * 3 + channel] * 255;
      sheet.pixels[target + 3] = 255;
    });
  });
  return sheet;
}

/** Grey of pixels that are not observed. */
const unobserved = 0.5;

/** 8-bit RGB, `count` × height rows of three images' width. */
export function previewRows(
  truth: ImageBatch,
  observations: readonly SparseObservation[],
  result: ImageBatch,
): PixelRows {
  const { height, width, count } = truth;
  const pixels = new Uint8Array(count * height * 3 * width * 3);
  const place = (values: Float32Array, row: number, column: number): void => {
    for (let y = 0; y < height; y++) {
      const target = ((row * height + y) * 3 + column) * width * 3;
      for (let x = 0; x < width * 3; x++) {
        pixels[target + x] = Math.round(Math.min(1, Math.max(0, values[y * width * 3 + x])) * 255);
      }
    }
  };
  for (let row = 0; row < count; row++) {
    const known = new Float32Array(height * width * 3).fill(unobserved);
    const { indices, values } = observations[row];
    indices.forEach((pixel, index) => known.set(values.subarray(index * 3, index * 3 + 3), pixel * 3));
    place(imageAt(truth, row).values, row, 0);
    place(known, row, 1);
    place(imageAt(result, row).values, row, 2);
  }
  return { height: count * height, width: 3 * width, pixels };
}
