/** Small untrained models, and images for them to reconstruct. */

import type { LoadedModel } from '../../main/compute/modelCheckpoint.ts';
import { createField } from '../../main/engine/field/registry.ts';
import { runEagerly } from '../../main/engine/runFunction.ts';
import { type RunConfigInput, runConfigSchema } from '../../shared/config/config.ts';
import { type ImageBatch, imageAt, observe, type SparseObservation } from '../../shared/images/image.ts';
import { randomPermutation, randomUniforms } from '../../shared/numbers/random.ts';
import { waveParameters } from '../engine/field/waves.ts';
import { trainings } from '../engine/train/smallRun.ts';
import { tf } from '../support/backend.ts';

export const imageSize = 11;

/** Returns a model whose parameters are waves of their names, so that every input matters; those of the output are small, so that few pixels are clamped. */
export function createSmallModel(input: RunConfigInput = trainings.upgraded): LoadedModel {
  const config = runConfigSchema.parse(input);
  const field = createField(config.field);
  const parameters = Object.entries(waveParameters(field.parameters)).map(([name, tensor]) => [
    name,
    /\.output(_proj)?\./.test(name) ? tf.mul(tensor, 0.1) : tensor,
  ]);
  const weights = { parameters: Object.fromEntries(parameters), weightsName: null, weightsChoice: null };
  return { run: runEagerly, batch: { rows: 16, isFixed: false }, field, config, ...weights, step: 7 };
}

/** Returns images of random pixels, 24 of which are observed; image i does not depend on `count`. */
export function createRandomImages(count: number): {
  images: ImageBatch;
  observations: SparseObservation[];
  indices: number[];
} {
  const size = imageSize ** 2 * 3;
  const values = new Float32Array(count * size);
  for (let image = 0; image < count; image++) {
    values.set(randomUniforms({ seed: 3, stream: 'synthetic', step: image }, size), image * size);
  }
  const images = { count, height: imageSize, width: imageSize, values };
  const observations = Array.from({ length: count }, (_, image) =>
    observe(
      imageAt(images, image),
      randomPermutation({ seed: 3, stream: 'mask', step: image }, imageSize ** 2).slice(0, 24),
    ),
  );
  return { images, observations, indices: Array.from({ length: count }, (_, index) => index) };
}
