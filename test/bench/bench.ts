/** `npm run bench`: measures the speed of training and sampling on this machine, compared with PyTorch if that is installed. */

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type OptionValues, UsageError } from '../../main/cli/command.ts';
import { readChoice, readInteger } from '../../main/cli/options.ts';
import { createOutput } from '../../main/cli/output.ts';
import { type Preset, presets, resolvePreset } from '../../shared/config/presets.ts';
import type { BackendInfo } from '../../shared/run.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { type ContestResult, holdContest } from './contest.ts';
import { findTwin, openEngineProcess } from './contestants.ts';
import type { FlopCounts } from './engine/countFlops.ts';
import type { ProductSpeed } from './engine/work.ts';
import { formatReport } from './format.ts';
import { measureGrowth, measureLoop } from './stepCost.ts';
import { describeMachine, findDisturbance, measureMachine } from './machine.ts';
import { type BenchPlan, planBench } from './plan.ts';
import { type BenchReport, type GrowthRow, type LoopShare, toRows } from './report.ts';

const names = presets.map(({ name }) => name);
const help = `npm run bench [-- --json --config NAME --rounds N]

--json         Print only JSON on stdout.
--config NAME  Only this preset: ${names.join(', ')}.
--rounds N     Exactly N rounds per measurement (default: up to 7 in about 25 seconds).
--help         Show this help.

SPARSE_FIELD_LAB_PYTHON names a Python with PyTorch to compare with (default: python3).`;

/** The preset whose sizes are doubled. */
const grownPreset = 'tiny';
/** The preset whose training loop is analysed. */
const analysedPreset = 'small';

try {
  const values = readArguments(process.argv.slice(2));
  const output = createOutput(values['json'] === true);
  if (values['help'] === true) output.help(help);
  else {
    const config = readChoice(values, 'config', names);
    const rounds = readInteger(values, 'rounds') ?? null;
    const chosen = presets.filter(({ name }) => name === (config ?? name));
    const report = await runBench(chosen, { rounds, note: output.note });
    output.json(report);
    output.text(formatReport(report));
  }
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

function readArguments(args: readonly string[]): OptionValues {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        config: { type: 'string' },
        rounds: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const reason = describeError(error);
    throw new UsageError(`${reason} Try: npm run bench -- --help`);
  }
}

interface BenchOptions {
  /** Number of rounds per measurement; null for as many as the time allows. */
  readonly rounds: number | null;
  /** Receives messages about the progress and about what is left out. */
  readonly note: (text: string) => void;
}

interface PresetResult extends Work, ContestResult {
  readonly config: string;
}

/** Amount of work of a preset, and the speed of a plain product before anything else. */
interface Work {
  readonly backend: BackendInfo;
  readonly flops: FlopCounts | null;
  readonly product: ProductSpeed;
}

/** Runs the whole benchmark, preset by preset. @throws Error if the engine does not run at all. */
async function runBench(presets: readonly Preset[], options: BenchOptions): Promise<BenchReport> {
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
    if (preset.name === grownPreset) growth = await measureGrowth(plan, options);
    if (preset.name === analysedPreset) loop = await measureLoop(plan, note);
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

/** Measures in a separate process, so that no later measurement includes the memory of tracing. */
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
