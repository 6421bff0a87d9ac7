import { describe, expect, it } from 'vitest';
import { chooseExecution } from '../../../main/compute/execution.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import { meanPlan } from '../../../main/compute/evaluation/evaluateModel.ts';
import { createBatcher } from '../../../main/datasets/batcher.ts';
import { createDataset } from '../../../main/datasets/dataset.ts';
import { createTrainingMaskSource } from '../../../main/datasets/masks.ts';
import { reconstructClassically } from '../../../main/engine/classical/registry.ts';
import { createScaledField } from '../../../main/engine/field/scaledField.ts';
import { measureGain } from '../../../main/engine/metrics/gain.ts';
import { measureResidual } from '../../../main/engine/train/measureResidual.ts';
import { initialState, samplingParameters, stateLayout, toState } from '../../../main/engine/train/state.ts';
import { createStep } from '../../../main/engine/train/step.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { pooledMasks } from '../../../main/engine/train/trainingMasks.ts';
import { listTensors, toTensors } from '../../../main/engine/tensors.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { findPreset, resolvePreset } from '../../../shared/config/presets.ts';
import { imageAt, observe } from '../../../shared/images/image.ts';
import { tf } from '../../support/backend.ts';
import { imageKinds, type ImageKind, imageSize, generateImages } from './imageKinds.ts';

const trained = 512;
const held = 48;
const steps = 300;

/** Returns the configuration of a preset with a small U-Net, for a run of a second. */
function shrink(name: string) {
  const preset = findPreset(name);
  if (!preset) throw new Error(`There is no preset ${name}.`);
  const config = resolvePreset(preset);
  const { stepConditioning, residual } = config.field;
  return runConfigSchema.parse({
    ...config,
    data: { ...config.data, imageSize },
    mask: { ...config.mask, pool: 8 },
    field: {
      kind: 'unet',
      dim: 16,
      levels: 2,
      blocks: 1,
      stride: 1,
      residual,
      stepConditioning,
      timeConditioning: 'adaptive',
      dropout: 0,
    },
    optim: { ...config.optim, schedule: 'budget', warmupSteps: 10, ema: 0.9 },
    train: { ...config.train, steps, minutes: null },
  });
}

/** Trains on images of a kind and compares the posterior mean of other ones with the thin plate. */
async function trainOn(kind: ImageKind, preset = 'laptop') {
  const requested = shrink(preset);
  const { seed, mask, data } = requested;
  const pixels = generateImages(kind, 0, trained);
  const dataset = createDataset({ source: kind, split: 'train', imageSize, notes: [], pixels });
  const { batchSize } = requested.train;
  const batcher = createBatcher(dataset, { ...data, batchSize, seed });
  const { maskOf } = createTrainingMaskSource(mask, { width: imageSize, height: imageSize });
  const source = {
    imagesOf: batcher.imagesOf,
    masks: pooledMasks(maskOf, { config: mask, seed, size: imageSize }),
    stepsPerEpoch: batcher.stepsPerEpoch,
    totalSteps: steps,
  };
  const measured = measureResidual(source, requested);
  const config = { ...requested, path: { ...requested.path, measured } };
  const field = createScaledField(config);
  const layout = stateLayout(field.parameters, config.optim);
  // Its graphs are those of one model, whose unit is a constant in them.
  const execution = chooseExecution(() => undefined);
  const stepper = execution.createStepper(
    createStep({ field, layout, config, parts: execution.parts }),
    toState(initialState(field.parameters, layout, seed), layout),
  );
  for (let step = 0; step < steps; step++) {
    const batch = toTensors(trainingBatch(config, source, step).batch);
    stepper.step(batch);
    tf.dispose(listTensors(batch));
  }
  const others = createDataset({
    source: kind,
    split: 'test',
    imageSize,
    notes: [],
    pixels: generateImages(kind, trained, held),
  });
  const indices = Array.from({ length: held }, (_, index) => index);
  const images = others.readImages(indices);
  const observations = indices.map((index) => observe(imageAt(images, index), maskOf(index).observed));
  const result = await stepper.withState((state) =>
    reconstructImages(
      {
        run: execution.run,
        batch: execution.batchShape(config),
        field,
        config,
        parameters: samplingParameters(state, layout),
      },
      { images, observations, indices, plan: meanPlan, seed, sample: 0, paste: true },
    ),
  );
  stepper.dispose();
  execution.close();
  const estimates = observations.map((observation) => reconstructClassically('thin plate', observation));
  return { residual: measured.residual, ...measureGain(images, result, estimates) };
}

describe('a short training of the default preset', () => {
  it.each(imageKinds)('improves on the thin plate by more than chance: %s', async (kind) => {
    expect(await trainOn(kind)).toMatchObject({ isGain: true, isClassical: false });
  });
});

describe.each(['few-steps', 'denoiser', 'score'])('a short training of the preset %s', (preset) => {
  it('improves on the thin plate by more than chance', async () => {
    expect(await trainOn('noise', preset)).toMatchObject({ isGain: true, isClassical: false });
  });
});
