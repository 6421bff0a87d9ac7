import { expect, it, onTestFinished } from 'vitest';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { traceFunction } from '../../../main/compute/graph/trace.ts';
import { toTensors } from '../../../main/engine/field/parameters.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { runEagerly, type RunFunction } from '../../../main/engine/runFunction.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { toState } from '../../../main/engine/train/state.ts';
import { createSmallRun, trainings } from '../../engine/train/smallRun.ts';
import { contextOf } from '../../../main/engine/train/step.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { expectClose, wave, waveParameters } from '../../engine/field/waves.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { nativeBackend, replaceInBinding } from './nativeBinding.ts';
import { createSmallTraining } from './smallTraining.ts';

const convolving = ['unet', 'mixing'] as const;

/** Batch sizes of the convolutions that TensorFlow is told to compute from now on. */
function watchConvolutions(): number[] {
  const batches: number[] = [];
  replaceInBinding((own) => ({
    executeOp(name, attributes, inputs, outputCount) {
      const outputs = own.executeOp(name, attributes, inputs, outputCount);
      if (/^(Conv2D|DepthwiseConv2dNative)$/.test(name)) batches.push(outputs[0].shape[0]);
      return outputs;
    },
  }));
  return batches;
}

function createRun(parts: number): RunFunction {
  const functions = createCompiledFunctions(nativeBackend(), {
    parts,
    onEager(name, reason) {
      throw new Error(`"${name}" was not compiled: ${reason}`);
    },
  });
  onTestFinished(functions.close);
  return functions.run;
}

/** A sample of `rows` images by the network of this training. */
function sample(name: (typeof convolving)[number], rows: number, run: RunFunction) {
  const input = trainings[name];
  const { config, source } = createSmallRun({ ...input, train: { ...input.train, batchSize: rows } });
  const field = createField(config.field);
  const context = contextOf(toTensors(trainingBatch(config, source, 0).arrays));
  const [, queries = 0] = context.queryCoords.shape;
  const start = wave('start', [rows, queries, 3]);
  const problem = { field, parameters: waveParameters(field.parameters), path: config.path, context, start };
  return sampleField(problem, { ...config.sampler, solver: 'euler', steps: 2 }, { run });
}

describeNative('a network with convolutions', () => {
  it.each(convolving)('is sampled two images or more at a time (%s)', (name) => {
    for (const rows of [1, 2, 3, 5, 9]) {
      const batches = watchConvolutions();
      const run = createRun(4);
      sample(name, rows, run);
      expect(batches.length).toBeGreaterThan(0);
      expect(Math.min(...batches), `${rows} images`).toBeGreaterThanOrEqual(2);
    }
  });

  it.each(convolving)('is trained two images or more at a time (%s)', (name) => {
    for (const parts of [2, 3, 4]) {
      const batches = watchConvolutions();
      const { layout, stepFn, start, batchAt } = createSmallTraining(name, parts);
      const state = toState(start, layout);
      const batch = toTensors(batchAt(0));
      const placeholders = Object.values(batch);
      traceFunction(nativeBackend(), [...state, ...placeholders], () =>
        tf.tidy(() => {
          const stepped = stepFn(state, batch);
          return [...stepped.state, ...Object.values(stepped.report)];
        }),
      );
      expect(batches.length).toBeGreaterThan(0);
      expect(Math.min(...batches), `${parts} parts`).toBeGreaterThanOrEqual(2);
    }
  });

  it('gives the same sample in any number of parts, however often its graph is built', () => {
    for (const rows of [1, 2, 3]) {
      const expected = sample('unet', rows, runEagerly);
      for (const parts of [1, 4]) expectClose(sample('unet', rows, createRun(parts)), expected, 1e-4);
    }
  });
});
