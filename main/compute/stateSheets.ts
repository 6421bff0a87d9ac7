/** The states of a sample as sheets of 8-bit pixels: all images at about the same time on each. */

import type { ImageBatch } from '../../shared/images/image.ts';
import type { SampledChunk } from './reconstructImages.ts';
import { drawImage, newSheet, type Sheet, type SheetLayout } from './sheetPixels.ts';

/** States of a sample that are kept, its start and its end among them. */
export const mostStates = 9;

/** Images at one place along the way. */
export interface StateSheet {
  /** Of each image, or one of all. */
  readonly times: readonly number[];
  readonly sheet: Sheet;
}

export interface StateSheets {
  add(chunk: Pick<SampledChunk, 'first' | 'count' | 'states'>): void;
  /** From the start on, without the end: the sheet of the row shows it. Empty where nothing was added. */
  finish(): StateSheet[];
}

/**
 * A solver that finds its own steps takes others with every image: one that has no state at a place shows the one before.
 * Values outside [0, 1] are cut off: a state of pure noise is mostly outside.
 */
export function createStateSheets(size: ImageBatch, layout: SheetLayout): StateSheets {
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
