import { expect, it } from 'vitest';
import { createCompiledFunctions } from '../../../main/compute/graph/compiledFunctions.ts';
import { reconstructImages } from '../../../main/compute/sampling/reconstructImages.ts';
import { createField } from '../../../main/engine/field/registry.ts';
import { runEagerly, type RunFunction } from '../../../main/engine/runFunction.ts';
import { takeValues } from '../../../main/engine/tensors.ts';
import { sampleField } from '../../../main/engine/solver/sampleField.ts';
import { runConfigSchema } from '../../../shared/config/config.ts';
import { smallField, waveContext, wavePoint } from '../../engine/field/smallField.ts';
import { expectClose, waveParameters } from '../../engine/field/waves.ts';
import { trainings } from '../../engine/train/smallRun.ts';
import { describeNative, tf } from '../../support/backend.ts';
import { createSmallModel, createRandomImages } from '../smallModel.ts';
import { countSessions, nativeBackend } from './nativeBinding.ts';
import type { SamplingPlan } from '../../../main/engine/solver/route.ts';

/** Returns a runner of compiled functions. @throws Error if a function cannot be compiled. */
function createRun(): RunFunction {
  return createCompiledFunctions(nativeBackend(), {
    parts: 2,
    onEager(name, reason) {
      throw new Error(`"${name}" was not compiled: ${reason}`);
    },
  }).run;
}

/** Returns a runner that records the names of the functions that it runs, in order. */
function recordNames(run: RunFunction): { run: RunFunction; names: string[] } {
  const names: string[] = [];
  return { names, run: (name, call) => (names.push(name), run(name, call)) };
}

const fields = {
  velocity: smallField(),
  data: smallField({
    queryCarriesState: true,
    timeConditioning: 'adaptive',
    readBlocks: 1,
    residual: 'thin-plate',
    patch: 3,
  }),
};

function createProblem(prediction: keyof typeof fields) {
  const config = fields[prediction];
  const field = createField(config);
  return {
    field,
    parameters: waveParameters(field.parameters),
    path: runConfigSchema.parse({ path: { prediction } }).path,
    context: waveContext(config),
    start: wavePoint().state,
  };
}

describeNative('a sample from a compiled field', () => {
  it.each(['velocity', 'data'] as const)(
    'equals the eager one for either solver and any number of steps (%s)',
    async (prediction) => {
      const problem = createProblem(prediction);
      const run = createRun();
      const sessions = countSessions();
      for (const solver of ['euler', 'heun'] as const) {
        for (const steps of [1, 2, 9]) {
          const compiled = await sampleField(problem, { solver, steps }, { run });
          expectClose(compiled, await sampleField(problem, { solver, steps }), 1e-5);
        }
      }
      expect(sessions.opened).toBe(2);
    },
  );

  it('encodes its context once for any number of steps', async () => {
    const problem = createProblem('velocity');
    const { run, names } = recordNames(createRun());
    await sampleField(problem, { solver: 'heun', steps: 4 }, { run });
    expect(names).toEqual(['encode', ...Array<string>(8).fill('predict')]);
  });

  it('is the same bit for bit when it is sampled again', async () => {
    const problem = createProblem('data');
    const run = createRun();
    const sample = async () => takeValues(await sampleField(problem, { solver: 'heun', steps: 5 }, { run }));
    expect(await sample()).toEqual(await sample());
  });

  it('allocates no tensor except the result', async () => {
    const problem = createProblem('velocity');
    const run = createRun();
    const before = tf.memory().numTensors;
    for (let round = 0; round < 5; round++)
      (await sampleField(problem, { solver: 'heun', steps: 3 }, { run })).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

const plan: SamplingPlan = { solver: 'heun', steps: 2 };

function reconstruct(run: RunFunction, name: keyof typeof trainings, count: number) {
  const model = { ...createSmallModel(trainings[name]), run };
  return reconstructImages(model, { ...createRandomImages(count), plan, seed: 42, sample: 0, paste: true });
}

/** Compiled sums have a different order; parameters as large as waves amplify their rounding in deeper networks. */
const tolerances: Partial<Record<keyof typeof trainings, number>> = { local: 5e-5, mixing: 1e-4 };

describeNative('images from a compiled field', () => {
  it.each([
    'notebook',
    'upgraded',
    'unet',
    'bayer',
    'local',
    'mixing',
    'transformer',
    'full attention',
  ] as const)(
    'equal the eager ones for any number of images, including a smaller last chunk (%s)',
    async (name) => {
      const run = createRun();
      for (const count of [3, 17, 20, 3]) {
        const compiled = await reconstruct(run, name, count);
        const eager = await reconstruct(runEagerly, name, count);
        expectClose(compiled.values, eager.values, tolerances[name] ?? 1e-5);
      }
    },
  );

  it('use replaced weights, as at every evaluation of a training', async () => {
    const run = createRun();
    const model = { ...createSmallModel(), run };
    const scaled = Object.fromEntries(
      Object.entries(model.parameters).map(([name, tensor]) => [name, tf.mul(tensor, 1.1)]),
    );
    const options = { ...createRandomImages(2), plan, seed: 42, sample: 0, paste: true };
    const first = await reconstructImages(model, options);
    const second = await reconstructImages({ ...model, parameters: scaled }, options);
    expect(second.values).not.toEqual(first.values);
    const eager = await reconstructImages({ ...model, run: runEagerly, parameters: scaled }, options);
    expectClose(second.values, eager.values, 1e-5);
    expect(await reconstructImages(model, options)).toEqual(first);
  });
});

describeNative('a stochastic sample from a compiled field', () => {
  it.each([
    { name: 'denoiser', plan: { solver: 'ddim', steps: 3, eta: 1 } },
    { name: 'score', plan: { solver: 'langevin', steps: 3 } },
    { name: 'score', plan: { solver: 'heun', steps: 3, grid: 'edm' } },
  ] as const)('equals the eager one: $name, $plan.solver', async ({ name, plan }) => {
    const model = createSmallModel(trainings[name]);
    const options = { ...createRandomImages(3), plan, seed: 42, sample: 0, paste: true };
    const compiled = await reconstructImages({ ...model, run: createRun() }, options);
    expectClose(compiled.values, (await reconstructImages(model, options)).values, 1e-3);
  });
});
