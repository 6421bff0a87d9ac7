import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { traceFunction } from '../../../main/compute/graph/trace.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { runEagerly, type RunFunction } from '../../../main/engine/runFunction.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { toState } from '../../../main/engine/train/state.ts';
import { createSmallRun, trainings } from '../../engine/train/smallRun.ts';
import { trainingBatch } from '../../../main/engine/train/trainingBatch.ts';
import { expectClose, wave, waveParameters } from '../../engine/field/waves.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { nativeBackend, replaceInBinding } from './nativeBinding.ts';
import { createSmallTraining } from './smallTraining.ts';
import { listTensors, toTensors } from '../../../main/engine/tensors.ts';

const convolving = ['unet', 'mixing'] as const;

/** Returns a list that receives the batch sizes of all convolutions from now on. */
function recordBatchSizes(): number[] {
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

/** Samples `rows` images with the network of this training. */
function sample(name: (typeof convolving)[number], rows: number, run: RunFunction) {
  const input = trainings[name];
  const { config, source } = createSmallRun({ ...input, train: { ...input.train, batchSize: rows } });
  const field = createField(config.field);
  const context = toTensors(trainingBatch(config, source, 0).batch.rows);
  const [, queries = 0] = context.queryCoords.shape;
  const start = wave('start', [rows, queries, 3]);
  const problem = { field, parameters: waveParameters(field.parameters), path: config.path, context, start };
  return sampleField(problem, { ...config.sampler, solver: 'euler', steps: 2 }, { run });
}

describeNative('a network with convolutions', () => {
  it.each(convolving)('samples at least two images at a time (%s)', async (name) => {
    for (const rows of [1, 2, 3, 5, 9]) {
      const batches = recordBatchSizes();
      const run = createRun(4);
      await sample(name, rows, run);
      expect(batches.length).toBeGreaterThan(0);
      expect(Math.min(...batches), `${rows} images`).toBeGreaterThanOrEqual(2);
    }
  });

  it.each(convolving)('is trained on at least two images at a time (%s)', (name) => {
    for (const parts of [2, 3, 4]) {
      const batches = recordBatchSizes();
      const { layout, stepFn, start, batchAt } = createSmallTraining(name, parts);
      const state = toState(start, layout);
      const batch = toTensors(batchAt(0));
      const placeholders = listTensors(batch);
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

  it('returns the same sample for any number of parts, however often its graph is built', async () => {
    for (const rows of [1, 2, 3]) {
      const expected = await sample('unet', rows, runEagerly);
      for (const parts of [1, 4]) expectClose(await sample('unet', rows, createRun(parts)), expected, 1e-4);
    }
  });
});

/** Returns a program that samples small U-Nets of many sizes, so that every graph has convolutions that are new to oneDNN. */
const createProgram = (root: string) => `
  const { loadBackend } = await import('${root}/main/compute/backend.ts');
  const { tf } = await loadBackend({ prefer: 'tensorflow' });
  const { chooseExecution } = await import('${root}/main/compute/execution.ts');
  const { createField } = await import('${root}/main/engine/field/registry.ts');
  const { sampleField } = await import('${root}/main/engine/solver/sampleField.ts');
  const { runConfigSchema } = await import('${root}/shared/config/config.ts');
  const { field: size, path } = runConfigSchema.parse({
    field: { kind: 'unet', dim: 32, levels: 1, stride: 1, blocks: 2, residual: 'none', dropout: 0 },
  });
  const field = createField(size);
  const parameters = Object.fromEntries(
    field.parameters.map(({ name, shape }) => [name, tf.fill(shape, 0.01)]),
  );
  for (let graph = 0; graph < 24; graph++) {
    const execution = chooseExecution((name, kind, reason) => {
      throw new Error(name + ' runs eagerly: ' + reason);
    });
    const height = 8 + graph;
    const width = 24;
    const pixels = height * width;
    const context = {
      observedCoords: tf.zeros([2, 1, 2]),
      observedValues: tf.zeros([2, 1, 3]),
      queryCoords: tf.zeros([2, pixels, 2]),
      observedGrid: tf.zeros([2, height, width, 4]),
    };
    const problem = { field, parameters, path, context, start: tf.zeros([2, pixels, 3]) };
    (await sampleField(problem, { solver: 'euler', steps: 1 }, { run: execution.run })).dataSync();
    execution.close();
  }
  console.log('done');
`;

describeNative('sampling two images at a time', () => {
  it('does not corrupt the memory of the process, however many graphs are new', () => {
    const root = pathToFileURL(resolve(import.meta.dirname, '../../..')).href;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', createProgram(root)], {
      env: { ...process.env, TF_NUM_INTEROP_THREADS: '2', TF_NUM_INTRAOP_THREADS: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(output).toContain('done');
  });
});
