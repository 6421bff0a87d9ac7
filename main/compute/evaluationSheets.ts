/** The images behind the rows of an evaluation as sheets of 8-bit pixels. */

import { imageAt, type ImageBatch } from '../../shared/images/image.ts';
import type { PlanOptions, StateListener } from './evaluatePlan.ts';
import type { SheetEvent } from './protocol.ts';
import type { SamplingData } from './samplingData.ts';
import { drawImage, layOut, newSheet, type Sheet, type SheetLayout } from './sheetPixels.ts';
import { createStateSheets, mostStates } from './stateSheets.ts';

/** What an evaluation hands its images to. */
export interface SheetEmitter {
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
      ...{ images: layout.images, states: mostStates },
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
