/** The whole benchmark, preset by preset. */

import { availableParallelism } from 'node:os';

import { type Preset, resolvePreset } from '../../shared/config/presets.ts';
import type { BackendInfo } from '../../shared/run.ts';
import { type ContestResult, holdContest } from './contest.ts';
import { openEngineProcess } from './contestants.ts';
import type { FlopCounts } from './countFlops.ts';
import { measureGrowth } from './growth.ts';
import { measureLoop } from './loopShare.ts';
import { describeMachine, findDisturbance, measureMachine } from './machine.ts';
import { type BenchPlan, planBench } from './plan.ts';
import type { ProductSpeed } from './productSpeed.ts';
import type { BenchReport, GrowthRow, LoopShare } from './report.ts';
import { toRows } from './rows.ts';
import { findTwin } from './twin.ts';

export interface BenchOptions {
  /** Exactly so many a measurement; null for as many as the time allows. */
  readonly rounds: number | null;
  /** Hears what is being done, and what is left out and why. */
  readonly note: (text: string) => void;
}

/** The preset whose sizes are doubled, and the one whose loop is taken apart. */
const grown = 'tiny';
const takenApart = 'small';

interface PresetResult extends Work, ContestResult {
  readonly config: string;
}

/** How much work a preset is, and the speed of the plain product before anything else. */
interface Work {
  readonly backend: BackendInfo;
  readonly flops: FlopCounts | null;
  readonly product: ProductSpeed;
}

/** @throws Error when the engine does not run at all. */
export async function runBench(presets: readonly Preset[], options: BenchOptions): Promise<BenchReport> {
  const { note } = options;
  const disturbance = findDisturbance(availableParallelism());
  if (disturbance) note(disturbance);
  const device = await findDevice(presets[0]);
  const size = measureMachine(device);
  const found = await findTwin(device);
  const twin = typeof found === 'string' ? null : found;
  if (typeof found === 'string') note(`PyTorch is not compared: ${found}.`);
  const results: PresetResult[] = [];
  let growth: GrowthRow[] = [];
  let loop: LoopShare | null = null;
  for (const preset of presets) {
    const plan = planBench(resolvePreset(preset), size);
    note(`${preset.name}: batch ${plan.config.train.batchSize}, samplings of ${plan.images} images`);
    const work = await measureWork(plan);
    const opponent = plan.config.field.kind === 'perceiver' ? twin : null;
    if (twin && !opponent) note(`${preset.name}: PyTorch has no twin of this network.`);
    results.push({
      config: preset.name,
      ...work,
      ...(await holdContest(plan, { ...options, twin: opponent })),
    });
    if (preset.name === grown) growth = await measureGrowth(plan, options);
    if (preset.name === takenApart) loop = await measureLoop(plan, note);
  }
  const fastest = results.flatMap(({ product, products }) => [product, ...products]).reduce(faster);
  const machine = describeMachine(size, { backend: results[0].backend, twin, product: fastest, disturbance });
  const rows = results.flatMap(({ config, measurements, flops }) =>
    measurements.flatMap((measurement) =>
      toRows(measurement, { config, flops, matmulGigaflops: fastest.gigaflops }),
    ),
  );
  return { machine, rows, growth, loop };
}

async function findDevice(preset: Preset): Promise<BackendInfo['device']> {
  const plan = planBench(resolvePreset(preset), measureMachine('CPU'));
  const engine = await openEngineProcess(plan, 'eager');
  const { device } = await engine.ask<BackendInfo>({ describe: {} });
  engine.close();
  return device;
}

/** In a process of its own, so that no measurement carries the memory of tracing. */
async function measureWork(plan: BenchPlan): Promise<Work> {
  const engine = await openEngineProcess(plan, 'eager');
  try {
    const backend = await engine.ask<BackendInfo>({ describe: {} });
    const product = await engine.ask<ProductSpeed>({ product: {} });
    const { flops } = await engine.ask<{ flops: FlopCounts | null }>({ count: {} });
    return { backend, product, flops };
  } finally {
    engine.close();
  }
}

function faster(a: ProductSpeed, b: ProductSpeed): ProductSpeed {
  return a.gigaflops >= b.gigaflops ? a : b;
}
