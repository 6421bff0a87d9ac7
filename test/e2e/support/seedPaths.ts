/** Evaluations with stored images and intermediate states of a sample, from noise to a clear image. */

import { createSheetEmitter } from '../../../main/compute/evaluation/imageSheets.ts';
import { type SampleState, createStateKeeper } from '../../../main/compute/sampling/solverStates.ts';
import { createEvaluationRecorder } from '../../../main/jobs/evaluationJob.ts';
import type { Store } from '../../../main/store/store.ts';
import { imageAt, observe, type ImageBatch } from '../../../shared/images/image.ts';
import { exampleEvaluation } from '../../reports/exampleEvaluation.ts';
import { noiseAt } from './curves.ts';
import { createComparedRows } from './comparedRows.ts';

const images = 12;
const side = 32;
const sampleMethod = 'flow · one sample (heun)';
const chunk = { first: 0, count: images, samples: [], milliseconds: [] };

/**
 * Adds evaluations that are newer than those of `seedComparison`, all on one protocol: `wider network` with five states,
 * `big steps` with three, `night run` without states.
 */
export async function seedPaths(store: Store, runs: Readonly<Record<string, string>>): Promise<void> {
  await evaluate(store, runs['wider network'], { gain: 1.4, steps: 4 });
  await evaluate(store, runs['big steps'], { gain: 0.6, steps: 2 });
  await evaluate(store, runs['night run'], { gain: 1, steps: 0 });
}

async function evaluate(
  store: Store,
  runId: string,
  { gain, steps }: { readonly gain: number; readonly steps: number },
): Promise<void> {
  const truth = mixImages(1, 0);
  const observations = Array.from({ length: images }, (_, image) =>
    observe(imageAt(truth, image), selectKnown(image)),
  );
  const recorder = createEvaluationRecorder(store, { runId, step: 250 }, (error) => {
    throw error;
  });
  const emitter = createSheetEmitter({ truth, observations }, recorder.observe);
  const rows = createComparedRows(gain).filter(({ solverSteps }) => (solverSteps ?? 1) < 5);
  const result = mixImages(0.5 + gain / 4, gain);
  for (const { method } of rows) {
    if (method === sampleMethod && steps > 0)
      emitter.stateListener.take({ ...chunk, states: createStates(steps, gain) });
    emitter.onReconstructed(method, method === 'nearest' ? mixImages(0.4, 3) : result);
  }
  const { protocol } = exampleEvaluation;
  await recorder.keep({
    protocol: { ...protocol, images: 100, noiseSeed: 0, metricVersion: 2 },
    rows,
  });
}

/** Returns the states of every image, in the order of the images. */
function createStates(steps: number, gain: number): SampleState[][] {
  const keep = createStateKeeper(9);
  const states = Array.from({ length: steps + 1 }, (_, index) => {
    const time = index / steps;
    const place = keep({ index, count: steps, time }) ?? 0;
    return { place, time, batch: mixImages(time * (0.5 + gain / 4), gain) };
  });
  return Array.from({ length: images }, (_, image) =>
    states.map(({ batch, ...at }) => ({ ...at, values: imageAt(batch, image).values })),
  );
}

/** Returns images that are `fraction` truth and the rest noise. */
function mixImages(fraction: number, seed: number): ImageBatch {
  const values = Float32Array.from({ length: images * side ** 2 * 3 }, (_, position) => {
    const [image, pixel, channel] = [
      Math.floor(position / (side ** 2 * 3)),
      Math.floor(position / 3) % side ** 2,
      position % 3,
    ];
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    const wave = Math.sin((x * ((image % 4) + 1)) / 9 + channel) + Math.cos((y * (channel + 2)) / 11 + image);
    return fraction * (0.5 + 0.24 * wave) + (1 - fraction) * (2.4 * noiseAt(position, 40 + seed) - 0.7);
  });
  return { count: images, height: side, width: side, values };
}

function selectKnown(image: number): Int32Array {
  const pixels = Array.from({ length: side ** 2 }, (_, pixel) => pixel);
  return Int32Array.from(pixels.filter((pixel) => noiseAt(pixel + 1024 * image, 7) < 0.2));
}
