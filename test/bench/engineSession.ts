/** The engine at work for the benchmark: trains, samples, and says what it used. */

import { loadBackend } from '../../main/compute/backend.ts';
import { chooseExecution, useGraphThreads } from '../../main/compute/execution.ts';
import { findNativeBackend } from '../../main/compute/graph/nativeBackend.ts';
import type { BackendInfo } from '../../shared/run.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { countFlops, type FlopCounts } from './countFlops.ts';
import { createSampling, createTraining } from './engineWork.ts';
import { type LoopTimes, timeLoop } from './loopTimes.ts';
import { timeNativeCalls } from './nativeClock.ts';
import { type ProductSpeed, timeProduct } from './productSpeed.ts';
import type { EngineKind } from './report.ts';

export interface EngineSetup {
  readonly config: RunConfig;
  readonly engine: EngineKind;
  /** Whole images a sampling takes. */
  readonly images: number;
}

/** Milliseconds of each repetition. */
export interface Times {
  readonly milliseconds: readonly number[];
}

/** What the process can be asked; names and answers are pytorchTwin.py's where both have them. */
export interface EngineSession {
  describe(): BackendInfo;
  train(options: { steps: number }): Times;
  sample(options: { evaluations: number; times: number }): Times;
  loop(options: { steps: number }): Promise<LoopTimes>;
  /** Most main memory the process has held so far. */
  memory(): { megabytes: number };
  /** null where nothing can be traced. */
  count(): { flops: FlopCounts | null };
  product(): ProductSpeed;
}

/** Sets up on demand, so that memory counts only what was asked for. @throws Error where another engine would run. */
export async function openEngine({ config, engine, images }: EngineSetup): Promise<EngineSession> {
  if (engine === 'compiled') useGraphThreads();
  const { info, reason } = await loadBackend();
  const backend = findNativeBackend();
  if (engine === 'compiled' && !backend) throw new Error(reason ?? 'Graphs need native TensorFlow.');
  const clock = backend && timeNativeCalls(backend);
  const execution = chooseExecution((what, kind, why) => {
    if (kind !== engine) throw new Error(`The ${what} runs ${kind}: ${why}`);
  });
  const step = onDemand(() => createTraining(execution, config));
  const sample = onDemand(() => createSampling(execution.run, config, images));
  return {
    describe: () => info,
    train: ({ steps }) => repeat(steps, step()),
    sample: ({ evaluations, times }) => {
      const sampleOnce = sample();
      return repeat(times, () => sampleOnce(evaluations));
    },
    async loop({ steps }) {
      if (!clock) throw new Error('A step is taken apart with native TensorFlow only.');
      return timeLoop({ execution, config, clock, steps });
    },
    memory: () => ({ megabytes: process.resourceUsage().maxRSS / 1024 }),
    count: () => ({ flops: backend && countFlops(backend, config, images) }),
    product: () => timeProduct(info.device),
  };
}

function onDemand<Value>(create: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: create() }).value;
}

function repeat(times: number, work: () => void): Times {
  const milliseconds = Array.from({ length: times }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return { milliseconds };
}
