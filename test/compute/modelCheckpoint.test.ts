import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layoutOf, loadModel, loadState, saveState } from '../../main/compute/modelCheckpoint.ts';
import { createField } from '../../main/engine/field/registry.ts';
import { runEagerly } from '../../main/engine/runFunction.ts';
import { initialState, samplingParameters, selectState, toState } from '../../main/engine/train/state.ts';
import { writeCheckpoint } from '../../main/store/files/checkpointFile.ts';
import { type RunConfig, runConfigSchema } from '../../shared/config/config.ts';
import type { TrainingProgress } from '../../shared/trainingProgress.ts';
import { numbersOf } from '../engine/field/waves.ts';
import { trainings } from '../engine/train/smallRun.ts';
import { makeTemporaryFolder } from '../store/temporaryFolder.ts';
import { tf } from '../support/backend.ts';

const config = runConfigSchema.parse(trainings.upgraded);
const progress: TrainingProgress = { step: 12, processSeconds: 3.25, loss: 0.125, best: null };

/** Returns a state in which no two entries are equal. */
function createExampleState(config: RunConfig) {
  const field = createField(config.field);
  const layout = layoutOf(field, config);
  const start = toState(initialState(field.parameters, layout, 42), layout);
  return { layout, state: start.map((tensor, index) => tf.add(tensor, (index + 1) / 7)) };
}

async function saveExample(runConfig: RunConfig = config) {
  const folder = makeTemporaryFolder();
  const { state, layout } = createExampleState(runConfig);
  const saved = await saveState(folder, { state, layout, config: runConfig, progress });
  return { saved, state, layout, path: join(folder, saved.file) };
}

describe('a saved state', () => {
  it('is read back bit for bit, with its configuration and progress', async () => {
    const { saved, state, layout, path } = await saveExample();
    expect(saved).toMatchObject({ step: 12, file: 'ckpt-12.safetensors' });
    const loaded = loadState(path);
    expect(loaded.config).toEqual(config);
    expect(loaded.progress).toEqual(progress);
    expect(toState(loaded.arrays, layout).map(numbersOf)).toEqual(state.map(numbersOf));
  });

  it('is refused by another network, with the name of the first tensor that differs', async () => {
    const { path } = await saveExample();
    const wider = runConfigSchema.parse({
      ...trainings.upgraded,
      field: { ...trainings.upgraded.field, latents: 5 },
    });
    const { layout } = createExampleState(wider);
    expect(() => toState(loadState(path).arrays, layout)).toThrow(
      '"param/perceiver.latents" has shape [3, 8], expected [5, 8]: it belongs to another network.',
    );
  });

  it('is refused, with the name of the tensor, if a tensor is not float32', () => {
    const folder = makeTemporaryFolder();
    const tensors = new Map([
      ['param/gain', { dtype: 'F64', shape: [1], data: Float64Array.of(1) } as const],
    ]);
    const metadata = { config: JSON.stringify(config), progress: '{}' };
    const { file } = writeCheckpoint(folder, { step: 1, tensors, metadata });
    expect(() => loadState(join(folder, file))).toThrow('"param/gain" is not float32');
  });
});

const eagerOptions = { run: runEagerly, batchShape: () => ({ rows: 16, isFixed: false }) };

describe('loadModel', () => {
  it('loads the EMA of the weights, and no moments', async () => {
    const { state, layout, path } = await saveExample();
    const before = tf.memory().numTensors;
    const model = loadModel(path, eagerOptions);
    expect(model.config).toEqual(config);
    const expected = samplingParameters(state, layout);
    expect(Object.keys(model.parameters)).toEqual(Object.keys(expected));
    for (const [name, tensor] of Object.entries(model.parameters)) {
      expect(numbersOf(tensor)).toEqual(numbersOf(expected[name]));
    }
    const count = (kind: string) => layout.filter((entry) => entry.kind === kind).length;
    expect(tf.memory().numTensors - before).toBe(count('average') + count('buffer'));
  });

  it('loads the requested EMA or the weights of the last step, and names them', async () => {
    const optim = { ...config.optim, ema: 0.9, emaMore: [0.5, 0.99] };
    const { path, state, layout } = await saveExample({ ...config, optim });
    const load = (choice?: number | 'off') => loadModel(path, eagerOptions, choice);
    const cases = [
      [undefined, 'average', null],
      [0.9, 'average', null],
      [0.5, 'average.2', 'average 0.5'],
      [0.99, 'average.3', 'average 0.99'],
      ['off', 'param', 'not averaged'],
    ] as const;
    for (const [choice, kind, name] of cases) {
      const model = load(choice);
      expect(model.weightsName).toBe(name);
      const [parameter, weights] = Object.entries(selectState(state, layout, [kind]))[0];
      expect(numbersOf(model.parameters[parameter])).toEqual(numbersOf(weights));
    }
    expect(() => load(0.7)).toThrow(
      'The run keeps no average of decay 0.7: it keeps those of 0.9, 0.5, 0.99, and "off" takes the weights of the last step.',
    );
  });

  it('loads the weights of a run without EMA, which offers no choice', async () => {
    const { path } = await saveExample({ ...config, optim: { ...config.optim, ema: 0 } });
    expect(loadModel(path, eagerOptions).weightsName).toBeNull();
    expect(loadModel(path, eagerOptions, 'off').weightsName).toBeNull();
    expect(() => loadModel(path, eagerOptions, 0.9)).toThrow('it keeps none');
  });
});
