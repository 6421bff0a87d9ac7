/** The engine as the benchmark uses it: trains, samples and reports its resources. */

import { loadBackend } from '../../../main/compute/backend.ts';
import { chooseExecution, useGraphThreads } from '../../../main/compute/execution.ts';
import { findNativeBackend } from '../../../main/compute/graph/nativeBackend.ts';
import { type StoredTensor, writeSafetensors } from '../../../main/store/files/safetensors.ts';
import type { BackendInfo } from '../../../shared/run.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import { countFlops, type FlopCounts } from './countFlops.ts';
import { createExample, createSampling, createTraining, type ProductSpeed, timeProduct } from './work.ts';
import { type LoopTimes, timeLoop, timeNativeCalls } from './loopTimes.ts';
import type { EngineKind } from '../report.ts';

export interface EngineSetup {
  readonly config: RunConfig;
  readonly engine: EngineKind;
  /** Number of whole images per sampling. */
  readonly images: number;
}

/** Milliseconds of each repetition. */
export interface Times {
  readonly milliseconds: readonly number[];
}

/** Requests to the process; names and answers agree with those of pytorchTwin.py. */
export interface EngineSession {
  describe(): BackendInfo;
  train(options: { steps: number }): Promise<Times>;
  sample(options: { evaluations: number; times: number }): Promise<Times>;
  loop(options: { steps: number }): Promise<LoopTimes>;
  /** Returns the peak main memory of the process so far. */
  memory(): { megabytes: number };
  /** Returns null if the engine cannot trace functions. */
  count(): Promise<{ flops: FlopCounts | null }>;
  product(): Promise<ProductSpeed>;
  /** Writes the tensors of `createExample` to a safetensors file. */
  example(options: { path: string }): Promise<object>;
}

/** Opens the engine, which sets itself up on demand, so that memory includes only what was requested. @throws Error if another engine would run. */
export async function openEngine({ config, engine, images }: EngineSetup): Promise<EngineSession> {
  if (engine === 'compiled') useGraphThreads();
  const { info, reason } = await loadBackend();
  const backend = findNativeBackend();
  if (engine === 'compiled' && !backend) throw new Error(reason ?? 'Graphs need native TensorFlow.');
  const clock = backend && timeNativeCalls(backend);
  const execution = chooseExecution((what, kind, why) => {
    if (kind !== engine) throw new Error(`The ${what} runs ${kind}: ${why}`);
  });
  const step = createOnce(() => createTraining(execution, config));
  const sample = createOnce(() => createSampling(execution.run, config, images));
  return {
    describe: () => info,
    train: ({ steps }) => repeat(steps, step()),
    sample: ({ evaluations, times }) => {
      const sampleOnce = sample();
      return repeat(times, () => sampleOnce(evaluations));
    },
    async loop({ steps }) {
      if (!clock) throw new Error('The training loop can be analysed only with native TensorFlow.');
      return timeLoop({ execution, config, clock, steps });
    },
    memory: () => ({ megabytes: process.resourceUsage().maxRSS / 1024 }),
    count: async () => ({ flops: backend && (await countFlops(backend, config, images)) }),
    product: () => timeProduct(info.device),
    async example({ path }) {
      const arrays = Object.entries(await createExample(config));
      const tensors = new Map<string, StoredTensor>(
        arrays.map(([name, { shape, values }]) => [
          name,
          { dtype: 'F32', shape, data: Float32Array.from(values) },
        ]),
      );
      writeSafetensors(path, { metadata: {}, tensors });
      return {};
    },
  };
}

function createOnce<Value>(create: () => Value): () => Value {
  let created: { readonly value: Value } | null = null;
  return () => (created ??= { value: create() }).value;
}

async function repeat(times: number, work: () => Promise<void>): Promise<Times> {
  const milliseconds: number[] = [];
  for (let time = 0; time < times; time++) {
    const startedAt = performance.now();
    await work();
    milliseconds.push(performance.now() - startedAt);
  }
  return { milliseconds };
}
