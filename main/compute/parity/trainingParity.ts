/** Parity of twelve training steps: loss, gradient norm, learning rate, and the parameters they end in. */

import * as tf from '@tensorflow/tfjs-core';
import { type RunConfig, runConfigSchema } from '../../../shared/config/config.ts';
import { createField } from '../../engine/field/registry.ts';
import { adamScalars } from '../../engine/optim/adamw.ts';
import { learningRateAt } from '../../../shared/config/learningRate.ts';
import { createStep, type Stepper, type StepReport } from '../../engine/train/step.ts';
import { entryName, selectState, stateLayout, type StateLayout, toState } from '../../engine/train/state.ts';
import type { TrainingBatch } from '../../engine/train/trainingBatch.ts';
import type { Execution } from '../execution.ts';
import {
  compareArrays,
  type ParityCheck,
  expectedValues,
  fieldConfigOf,
  type ReferenceFile,
  scaleOf,
} from './referenceFile.ts';
import {
  type NamedArray,
  type NamedArrays,
  type NamedTensors,
  listTensors,
  toTensor,
} from '../../engine/tensors.ts';

interface Schedule {
  readonly lossScale: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** `training.safetensors`. */
export async function checkTraining(file: ReferenceFile, execution: Execution): Promise<ParityCheck[]> {
  const { config, schedule } = readSettings(file);
  const field = createField(config.field);
  const layout = stateLayout(field.parameters, { kind: 'adamw', ema: 0, emaMore: [] });
  const stepFn = createStep({ field, layout, config, lossScale: schedule.lossScale, parts: execution.parts });
  const rates = Array.from(expectedValues(file, 'out.loss'), (_, step) =>
    learningRateAt({ step, seconds: 0 }, config.optim, {
      stepsPerEpoch: schedule.stepsPerEpoch,
      totalSteps: schedule.epochs * schedule.stepsPerEpoch,
      minutes: null,
    }),
  );
  const stepper = execution.createStepper(stepFn, toState(startArrays(file, layout), layout));
  try {
    const reports: StepReport[] = [];
    for (const [step, learningRate] of rates.entries())
      reports.push(await takeStep(stepper, batchOf(file, config, { step, learningRate })));
    const reported = {
      loss: reports.map(({ loss }) => loss),
      grad_norm: reports.map(({ gradNorm }) => gradNorm),
      lr: rates,
    };
    return [
      ...Object.entries(reported).map(([name, found]) =>
        compareArrays(`training out.${name}`, { found, expected: expectedValues(file, `out.${name}`) }, 1e-4),
      ),
      ...(await stepper.withState((state) => checkState(file, selectState(state, layout, ['param']), rates))),
    ];
  } finally {
    stepper.dispose();
  }
}

async function takeStep(stepper: Stepper, batch: TrainingBatch): Promise<StepReport> {
  const report = await stepper.step(batch);
  tf.dispose(listTensors(batch));
  return report;
}

async function checkState(
  file: ReferenceFile,
  parameters: NamedTensors,
  rates: readonly number[],
): Promise<ParityCheck[]> {
  const drift = rates.reduce((sum, rate) => sum + rate, 0);
  return Promise.all(
    Object.entries(parameters).map(async ([name, tensor]) =>
      checkFinal(file, name, { found: await tensor.data(), drift }),
    ),
  );
}

/**
 * A final parameter against the largest one. Key biases are an exception: adding the same number to all scores changes no
 * softmax, so their exact gradient is zero, and Adam walks along the sign of rounding noise. All that can be asked is
 * that neither side walked further than Adam can: |Δ| ≤ 2 Σ learning rate.
 */
function checkFinal(
  file: ReferenceFile,
  name: string,
  end: { found: ArrayLike<number>; drift: number },
): ParityCheck {
  const expected = expectedValues(file, `param12.${name}`);
  if (name.endsWith('k_proj.bias')) {
    const label = `training param12.${name} (free of the loss: drift)`;
    return compareArrays(label, { found: end.found, expected, scale: end.drift }, 2);
  }
  const scale = scaleOf(file, 'param12.');
  return compareArrays(`training param12.${name}`, { found: end.found, expected, scale }, 1e-5);
}

function readSettings(file: ReferenceFile): { config: RunConfig; schedule: Schedule } {
  const number = (name: string): number => Number(file.metadata[name]);
  const config = runConfigSchema.parse({
    optim: { learningRate: number('lr'), clipNorm: number('clip_norm') },
  });
  return {
    config: { ...config, field: fieldConfigOf(file) },
    schedule: {
      lossScale: number('loss_scale'),
      epochs: number('epochs'),
      stepsPerEpoch: number('steps_per_epoch'),
    },
  };
}

/** Parameters as in the file, moments zero. */
function startArrays(file: ReferenceFile, layout: StateLayout): NamedArrays {
  return Object.fromEntries(
    layout.map((entry) => {
      const start = file.arrays[`param0.${entry.parameter}`];
      const isMoment = entry.kind.startsWith('adam');
      return [
        entryName(entry),
        isMoment ? { ...start, values: new Float32Array(start.values.length) } : start,
      ];
    }),
  );
}

function batchOf(
  file: ReferenceFile,
  config: RunConfig,
  at: { step: number; learningRate: number },
): TrainingBatch {
  const { stepSize, secondCorrection } = adamScalars(at.step + 1, at.learningRate, config.optim);
  const whole = (name: string) => toTensor(file.arrays[`in.${name}`]);
  const slice = (name: string) => toTensor(rowOf(file.arrays[`in.${name}`], at.step));
  return {
    rows: {
      observedCoords: whole('input_coords'),
      observedValues: whole('input_values'),
      queryCoords: whole('output_coords'),
      target: slice('output_values'),
      start: slice('x0'),
      time: slice('t'),
    },
    update: {
      stepSize: tf.scalar(stepSize),
      secondCorrection: tf.scalar(secondCorrection),
      averageDecays: [],
    },
  };
}

function rowOf({ shape, values }: NamedArray, row: number): NamedArray {
  const size = values.length / shape[0];
  return { shape: shape.slice(1), values: values.subarray(row * size, (row + 1) * size) };
}
